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

void QueueWorker::begin(Job job, const std::string& token) {
    auto run = std::make_shared<Run>();
    run->job = std::move(job);
    run->token = token;
    run->began = std::chrono::steady_clock::now();
    // Of a job that runs again nobody knows since when it waits.
    std::chrono::milliseconds waited{0};
    if (run->job.attempts_started <= 1) {
        waited = std::max(now_ms() - run->job.timestamp - run->job.options.delay, waited);
    }
    observer_.on_begin(run->job, waited);
    // A job of the same id that we lost may still be ending; it has nothing to say any more.
    running_.insert_or_assign(run->job.id, run);
    if (!is_taking_) {
        run->is_handed_back = true;
        return finish(*run, {.kind = Outcome::Kind::HandBack});
    }
    if (!run->job.deferred_failure.empty()) return fail(*run, run->job.deferred_failure, false);
    jobs_.spawn(execute(std::move(run)));
}

awaitable<void> QueueWorker::execute(std::shared_ptr<Run> run) {
    std::string failure;
    bool may_retry = true;
    try {
        co_await process(run);
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
    finish(*run, {.kind = Outcome::Kind::Complete, .value = std::move(value)});
}

void QueueWorker::fail(Run& run, const std::string& reason, bool may_retry) {
    const double chance = std::uniform_real_distribution<>(0, 1)(random_);
    const auto delay = may_retry ? next_attempt(run.job, chance) : std::nullopt;
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
        if (!run.is_lost) {
            observer_.on_end(run.job, outcome.kind, std::chrono::steady_clock::now() - run.began);
            outcome.token = run.token;
            // A processor that is handed back while it blocks still reads its job.
            outcome.job = run.is_handed_back ? run.job : std::move(run.job);
            outcomes_.push_back(std::move(outcome));
        }
    }
    changed_.notify_all();
}

}  // namespace chatflow::jobs
