// One job after the other: what happens between fetching it and reporting its end.
#include "libs/async/with_deadline.hpp"
#include "libs/jobs/now.hpp"
#include "libs/jobs/queue_worker.hpp"
#include "libs/jobs/retry.hpp"
#include "libs/jobs/run.hpp"
#include "libs/jobs/scripts.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <utility>

namespace chatflow::jobs {

using namespace std::chrono_literals;

awaitable<void> RunningJob::set_progress(std::string json, Deadline deadline) {
    const std::vector<std::string> arguments{job_.id, std::move(json)};
    co_await client_.eval(progress_script(), base_, arguments, deadline);
}

awaitable<void> RunningJob::log(std::string line, Deadline deadline) {
    const std::vector<std::string> arguments{job_.id, std::move(line),
                                             std::to_string(kLogLinesMax)};
    co_await client_.eval(log_script(), base_, arguments, deadline);
}

void QueueWorker::receive(Job job, const std::string& token) {
    auto run = std::make_shared<Run>();
    run->job = std::move(job);
    run->token = token;
    run->fetched = std::chrono::steady_clock::now();
    // A job of the same id that we lost may still be ending; it has nothing to say any more.
    auto& place = running_[run->job.id];
    if (place) {
        if (place->has_begun) --begun_;
        std::erase(ahead_, place);
    }
    place = run;
    if (!is_taking_) return put_back(*run);
    if (begun_ < options_.concurrency) return begin(std::move(run));
    ahead_.push_back(std::move(run));
}

void QueueWorker::begin_next() {
    while (!ahead_.empty() && begun_ < options_.concurrency) {
        auto run = std::move(ahead_.front());
        ahead_.pop_front();
        if (run->is_lost)
            running_.erase(run->job.id);
        else
            begin(std::move(run));
    }
}

void QueueWorker::put_back(Run& run) {
    const auto keep_alive = running_.at(run.job.id);
    std::erase(ahead_, keep_alive);
    finish(run, {.kind = Outcome::Kind::PutBack});
}

// Another worker may be free for what has to wait here behind a job that is longer than those
// before it.
awaitable<void> QueueWorker::watch_ahead() {
    is_watching_ahead_ = true;
    while (!ahead_.empty()) {
        co_await sleep_until(Deadline::after(kAheadPause));
        if (ahead_.empty()) break;
        if (std::chrono::steady_clock::now() - ahead_.front()->fetched < kAheadPause) continue;
        mean_run_ = kAheadPause * options_.concurrency;
        while (!ahead_.empty()) put_back(*ahead_.back());
    }
    is_watching_ahead_ = false;
}

void QueueWorker::begin(std::shared_ptr<Run> run) {
    run->began = std::chrono::steady_clock::now();
    run->has_begun = true;
    ++begun_;
    // Of a job that runs again nobody knows since when it waits.
    std::chrono::milliseconds waited{0};
    if (run->job.attempts_started <= 1) {
        waited = std::max(now_ms() - run->job.timestamp - run->job.options.delay, waited);
    }
    observer_.on_begin(run->job, waited);
    if (!run->job.deferred_failure.empty()) return fail(*run, run->job.deferred_failure, false);
    jobs_.spawn(execute(std::move(run)));
}

awaitable<void> QueueWorker::execute(std::shared_ptr<Run> run) {
    std::string failure;
    bool may_retry = true;
    try {
        co_await process(run);
        co_return;
    } catch (const Postponed& postponed) {
        Outcome outcome{.kind = Outcome::Kind::Postpone, .delay_until = postponed.until};
        finish(*run, std::move(outcome));
        co_return;
    } catch (const Unrecoverable& error) {
        failure = error.what();
        may_retry = false;
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (run->is_handed_back) {
        finish(*run, {.kind = Outcome::Kind::HandBack});
    } else {
        fail(*run, failure, may_retry);
    }
}

awaitable<void> QueueWorker::process(std::shared_ptr<Run> run) {
    if (!run->job.scheduler_id.empty()) {
        co_await scheduler_.advance(run->job, Deadline::after(5s));
    }
    RunningJob running(run->job, client_, base_);
    std::string value = co_await processor_(running);
    if (value.empty()) value = "null";
    if (!run->job.trace_id.empty()) {
        log_.info("A job is done", {{"job", run->job.id},
                                    {"name", run->job.name},
                                    {"attempt", run->job.attempts_made + 1},
                                    {"trace_id", run->job.trace_id}});
    }
    finish(*run, {.kind = Outcome::Kind::Complete, .value = std::move(value)});
}

void QueueWorker::fail(Run& run, const std::string& reason, bool may_retry) {
    const double chance = std::uniform_real_distribution<>(0, 1)(random_);
    std::optional<std::chrono::milliseconds> delay;
    if (may_retry) delay = next_attempt(run.job, chance);
    Outcome outcome{.kind = Outcome::Kind::Fail,
                    .value = reason,
                    .stack_trace = append_stack_trace(run.job.stack_trace, reason,
                                                      run.job.options.stack_trace_lines)};
    if (delay) {
        outcome.kind = delay->count() > 0 ? Outcome::Kind::Delay : Outcome::Kind::Retry;
        outcome.delay_until = now_ms() + *delay;
    }
    log_.info("A job failed", {{"job", run.job.id},
                               {"name", run.job.name},
                               {"attempt", run.job.attempts_made + 1},
                               {"error", reason},
                               {"retry_in_ms", delay ? delay->count() : -1},
                               {"trace_id", run.job.trace_id}});
    finish(run, std::move(outcome));
}

void QueueWorker::finish(Run& run, Outcome outcome) {
    const auto found = running_.find(run.job.id);
    if (found != running_.end() && found->second.get() == &run) {
        const auto keep_alive = found->second;
        running_.erase(found);
        const std::chrono::nanoseconds ran = std::chrono::steady_clock::now() - run.began;
        if (run.has_begun) {
            --begun_;
            mean_run_ += (ran - mean_run_) / 8;
        }
        if (!run.is_lost) {
            if (run.has_begun) observer_.on_end(run.job, outcome.kind, ran);
            outcome.token = run.token;
            // A processor that is handed back while it blocks still reads its job.
            outcome.job = run.is_handed_back ? run.job : std::move(run.job);
            outcomes_.push_back(std::move(outcome));
        }
    }
    begin_next();
    changed_.notify_all();
}

}  // namespace chatflow::jobs
