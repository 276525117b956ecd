#include "libs/jobs/queue_worker.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/jobs/now.hpp"
#include "libs/jobs/run.hpp"
#include "libs/jobs/scripts.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <cstdio>
#include <random>
#include <utility>

namespace chatflow::jobs {
namespace {

using namespace std::chrono_literals;

constexpr auto kCallTime = 5s;       // for one call of Redis
constexpr auto kRetryPause = 100ms;  // after one that failed
constexpr auto kStopPause = 5ms;     // between two looks at what still runs

std::string random_identity() {
    std::random_device device;
    std::string text(32, '0');
    for (std::size_t i = 0; i < text.size(); i += 8) {
        std::snprintf(text.data() + i, 9, "%08x", static_cast<unsigned>(device()));
    }
    return text;
}

TaskGroup::ErrorHandler log_failure(Log log) {
    return [log = std::move(log)](const std::exception_ptr& error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& failure) {
            log.error("A task of the queue ended", {{"error", failure.what()}});
        }
    };
}

}  // namespace

QueueWorker::QueueWorker(asio::any_io_executor executor, redis::Client& client,
                         redis::Options connect, QueueKeys keys, WorkerOptions options,
                         Processor processor, WorkerObserver& observer, Log log)
    : client_(client),
      connect_(std::move(connect)),
      keys_(std::move(keys)),
      base_{keys_.base()},
      options_(std::move(options)),
      processor_(std::move(processor)),
      observer_(observer),
      log_(log.with({{"queue", keys_.queue}})),
      scheduler_(client, keys_),
      random_(std::random_device{}()),
      identity_(random_identity()),
      changed_(executor),
      service_(executor, log_failure(log_)),
      listening_(executor, log_failure(log_)),
      jobs_(executor, log_failure(log_)) {}

QueueWorker::~QueueWorker() = default;

void QueueWorker::start() {
    is_taking_ = true;
    service_.spawn(exchange_forever());
    listening_.spawn(listen_forever());
    service_.spawn(renew_forever());
    service_.spawn(watch_stalled());
}

awaitable<void> QueueWorker::stop(Deadline deadline) {
    is_taking_ = false;
    while (!ahead_.empty()) put_back(*ahead_.back());
    listening_.cancel();  // a marker that it still took would wake nobody
    changed_.notify_all();
    const auto kept_for_reports = std::min<Deadline::Clock::duration>(deadline.time_left() / 4, 2s);
    const auto last = Deadline::at(deadline.moment() - kept_for_reports);
    // A call that is under way may still bring jobs; they go back unbegun.
    while ((is_exchanging_ || !running_.empty()) && !last.has_passed()) {
        co_await sleep_until(Deadline::after(kStopPause).but_within(last.time_left()));
    }
    co_await hand_back(Deadline::at(deadline.moment() - kept_for_reports / 2));
    while ((is_exchanging_ || !outcomes_.empty()) && !deadline.has_passed()) {
        changed_.notify_all();
        co_await sleep_until(Deadline::after(kStopPause));
    }
    service_.cancel();
    co_await service_.wait();
    co_await listening_.wait();
    co_await jobs_.wait();
}

awaitable<void> QueueWorker::hand_back(Deadline deadline) {
    while (!ahead_.empty()) put_back(*ahead_.back());
    for (const auto& [id, run] : running_) run->is_handed_back = true;
    jobs_.cancel();
    while (jobs_.running() > 0 && !deadline.has_passed()) {
        co_await sleep_until(Deadline::after(kStopPause).but_within(deadline.time_left()));
    }
    // What waits for a thread of the pool does not hear of its end, and what had not begun yet
    // has told nobody.
    while (!running_.empty()) {
        const auto run = running_.begin()->second;
        finish(*run, {.kind = Outcome::Kind::HandBack});
    }
}

// ---- reporting and fetching ------------------------------------------------------------------

std::size_t QueueWorker::room() const {
    const std::size_t most = options_.concurrency + ahead_max();
    return most > running_.size() ? most - running_.size() : 0;
}

// What a rate limit counts has to begin at once.
std::size_t QueueWorker::ahead_max() const {
    if (options_.limit.jobs > 0) return 0;
    const auto work = std::chrono::nanoseconds(kAheadTime) * options_.concurrency;
    const auto jobs = work / std::max(mean_run_, std::chrono::nanoseconds(1));
    return std::min(static_cast<std::size_t>(jobs), kAheadMax);
}

// While more than half of what was fetched ahead is left, the call can carry more a little later.
bool QueueWorker::has_to_exchange() const {
    if (ahead_.size() > ahead_max() / 2) return false;
    return !outcomes_.empty() || (is_taking_ && has_to_look_ && room() > 0);
}

awaitable<void> QueueWorker::exchange_forever() {
    for (;;) {
        while (!has_to_exchange()) co_await changed_.wait();
        std::string failure;
        is_exchanging_ = true;
        try {
            co_await exchange();
        } catch (const redis::Error& error) {
            failure = error.what();
        }
        is_exchanging_ = false;
        if (failure.empty()) {
            trouble_.clear();
            continue;
        }
        if (trouble_ != failure) log_.warning("The queue cannot be reached", {{"error", failure}});
        trouble_ = failure;
        co_await sleep_until(Deadline::after(kRetryPause));
    }
}

awaitable<void> QueueWorker::exchange() {
    const std::size_t reported = std::min(outcomes_.size(), kBatchMax);
    const std::vector<Outcome> batch(
        std::make_move_iterator(outcomes_.begin()),
        std::make_move_iterator(outcomes_.begin() + static_cast<std::ptrdiff_t>(reported)));
    outcomes_.erase(outcomes_.begin(), outcomes_.begin() + static_cast<std::ptrdiff_t>(reported));
    const bool is_limited = std::chrono::steady_clock::now() < limited_until_;
    const std::size_t wanted = is_taking_ && !is_limited ? std::min(room(), kBatchMax) : 0;
    const std::string token = identity_ + ":" + std::to_string(++tokens_given_);
    std::vector<std::string> arguments{
        now_text(),
        std::to_string(options_.lock_time.count()),
        token,
        options_.name,
        std::to_string(wanted),
        options_.limit.jobs > 0 ? std::to_string(options_.limit.jobs) : std::string(),
        std::to_string(options_.limit.time.count())};
    arguments.reserve(arguments.size() + batch.size() * kOutcomeFields);
    for (const Outcome& outcome : batch) outcome.append_to(arguments);
    has_to_look_ = false;
    redis::Reply reply;
    try {
        reply = co_await client_.eval(work_script(), base_, arguments, Deadline::after(kCallTime));
    } catch (...) {
        // Reports are repeated: one that was taken the first time has no lock any more.
        outcomes_.insert(outcomes_.begin(), batch.begin(), batch.end());
        has_to_look_ = true;
        throw;
    }
    Fetched fetched = parse_fetched(reply);
    take_reports(batch, fetched.reports);
    for (Job& job : fetched.jobs) receive(std::move(job), token);
    if (!ahead_.empty() && !is_watching_ahead_) service_.spawn(watch_ahead());
    next_delayed_ = fetched.next_delayed;
    if (fetched.limited_for.count() > 0) {
        limited_until_ = std::chrono::steady_clock::now() + fetched.limited_for;
    }
    // As much as was asked for: there may be more.
    if (wanted > 0 && fetched.jobs.size() == wanted) has_to_look_ = true;
    changed_.notify_all();
}

void QueueWorker::take_reports(const std::vector<Outcome>& outcomes,
                               const std::vector<Report>& reports) {
    if (reports.size() != outcomes.size()) throw redis::ProtocolError("reports do not match");
    for (std::size_t i = 0; i < reports.size(); ++i) {
        if (reports[i] == Report::Done) continue;
        log_.warning("A job's end was not taken: it is not ours any more",
                     {{"job", outcomes[i].job.id}, {"code", static_cast<int>(reports[i])}});
        observer_.on_lost(outcomes[i].job);
    }
}

// ---- being woken -----------------------------------------------------------------------------

void QueueWorker::look() {
    has_to_look_ = true;
    changed_.notify_all();
}

awaitable<void> QueueWorker::listen_forever() {
    for (;;) {
        std::string failure;
        try {
            co_await listen();
        } catch (const redis::Error& error) {
            failure = error.what();
        }
        log_.debug("Waiting for jobs anew", {{"error", failure}});
        co_await sleep_until(Deadline::after(kRetryPause));
        look();
    }
}

awaitable<void> QueueWorker::listen() {
    auto where = client_.options_for(base_[0]).value_or(connect_);
    where.client_name = keys_.client_name(options_.name);
    const auto connection = co_await redis::Connection::open(std::move(where));
    const std::string marker = keys_.key("marker");
    for (;;) {
        while (!is_taking_ || has_to_look_ || room() == 0) co_await changed_.wait();
        const auto pause = limited_until_ - std::chrono::steady_clock::now();
        if (pause > 0s) {
            co_await sleep_until(Deadline::after(pause));
            look();
            continue;
        }
        std::chrono::milliseconds time = options_.look_interval;
        if (next_delayed_ != Milliseconds{}) {
            time = std::clamp(next_delayed_ - now_ms(), 1ms, options_.look_interval);
        }
        const std::string seconds = std::to_string(std::chrono::duration<double>(time).count());
        redis::Command wait{"BZPOPMIN", marker, seconds};
        co_await connection->call(std::move(wait), Deadline::after(time + kCallTime));
        look();
    }
}

// ---- signs of life ---------------------------------------------------------------------------

awaitable<void> QueueWorker::renew_forever() {
    for (;;) {
        co_await sleep_until(Deadline::after(options_.lock_time / 2));
        std::string failure;
        try {
            co_await renew();
        } catch (const redis::Error& error) {
            failure = error.what();
        }
        if (!failure.empty()) log_.warning("Locks were not renewed", {{"error", failure}});
    }
}

awaitable<void> QueueWorker::renew() {
    if (running_.empty()) co_return;
    std::vector<std::string> arguments{std::to_string(options_.lock_time.count())};
    for (const auto& [id, run] : running_) arguments.insert(arguments.end(), {id, run->token});
    const auto reply =
        co_await client_.eval(renew_script(), base_, arguments, Deadline::after(kCallTime));
    for (std::size_t i = 0; i < reply.size(); ++i) {
        const auto found = running_.find(std::string(reply[i].text()));
        if (found == running_.end()) continue;
        const auto run = found->second;
        const bool is_reported = run->is_lost;
        run->is_lost = true;
        if (!is_reported) {
            log_.warning("A job's lock was lost; another worker may run it",
                         {{"job", run->job.id}});
            observer_.on_lost(run->job);
        }
    }
}

awaitable<void> QueueWorker::watch_stalled() {
    const std::vector<std::string> arguments{"", std::to_string(options_.stalled_interval.count()),
                                             std::to_string(options_.stalled_max)};
    for (;;) {
        std::string failure;
        try {
            auto with_time = arguments;
            with_time[0] = now_text();
            const auto reply = co_await client_.eval(stalled_script(), base_, with_time,
                                                     Deadline::after(kCallTime));
            const std::size_t count = reply[0].size() + reply[1].size();
            for (std::size_t i = 0; i < reply[0].size(); ++i) {
                log_.warning("A job's worker vanished; it runs again",
                             {{"job", reply[0][i].text()}});
            }
            for (std::size_t i = 0; i < reply[1].size(); ++i) {
                log_.error("A job lost its worker too often; it fails",
                           {{"job", reply[1][i].text()}});
            }
            if (count > 0) observer_.on_stalled(count);
        } catch (const redis::Error& error) {
            failure = error.what();
        }
        // A little longer than the interval, so that our own check of before does not hide this.
        co_await sleep_until(Deadline::after(failure.empty() ? options_.stalled_interval + 5ms
                                                             : std::chrono::milliseconds(1000)));
    }
}

}  // namespace chatflow::jobs
