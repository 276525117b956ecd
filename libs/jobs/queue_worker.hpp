#pragma once

#include "libs/async/notification.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/log.hpp"
#include "libs/jobs/fetched.hpp"
#include "libs/jobs/queue_keys.hpp"
#include "libs/jobs/scheduler.hpp"
#include "libs/redis/client.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace chatflow::redis {
class Connection;
}

namespace chatflow::jobs {

/// Thrown by a processor: no further attempt can help.
struct Unrecoverable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Thrown by a processor: the job goes on at `until`, and this attempt does not count. What it has
/// done so far it finds in the job's progress.
struct Postponed : std::runtime_error {
    explicit Postponed(Milliseconds until_) : std::runtime_error("postponed"), until(until_) {}
    Milliseconds until;
};

/// At most `jobs` begin in `time`, by all workers of the queue that say so together.
struct RateLimit {
    std::uint32_t jobs = 0;  // 0: none
    std::chrono::milliseconds time{1000};
};

struct WorkerOptions {
    std::string name;  // as dashboards show it
    std::uint32_t concurrency = 10;
    std::chrono::milliseconds lock_time{30'000};  // without a sign of life, until it counts as lost
    std::chrono::milliseconds stalled_interval{30'000};
    std::uint32_t stalled_max = 1;  // so often may a job lose its worker; once more, and it fails
    RateLimit limit;
    std::chrono::milliseconds look_interval{5000};  // looked at this often without being woken
};

/// What a processor sees of the job it works on, and can say about it.
class RunningJob {
 public:
    RunningJob(const Job& job, redis::Client& client, const std::vector<std::string>& base)
        : job_(job), client_(client), base_(base) {}

    [[nodiscard]] const Job& job() const { return job_; }
    /// `json`: what listeners get, a number of percent or an object.
    [[nodiscard]] awaitable<void> set_progress(std::string json, Deadline deadline);
    [[nodiscard]] awaitable<void> log(std::string line, Deadline deadline);

    static constexpr std::size_t kLogLinesMax = 1000;  // the newest are kept

 private:
    const Job& job_;
    redis::Client& client_;
    const std::vector<std::string>& base_;
};

/// Does one job; gives its return value in JSON. An exception is a failed attempt.
using Processor = std::function<awaitable<std::string>(RunningJob&)>;

/// Hears what happens, for metrics. Called on the worker's executor.
class WorkerObserver {
 public:
    virtual ~WorkerObserver() = default;
    /// `waited`: from when it was due to when it began.
    virtual void on_begin(const Job& job, std::chrono::milliseconds waited) = 0;
    virtual void on_end(const Job& job, Outcome::Kind kind, std::chrono::nanoseconds ran) = 0;
    virtual void on_lost(const Job& job) = 0;       // its lock went to another worker
    virtual void on_stalled(std::size_t jobs) = 0;  // of workers that vanished
};

/// Works on one queue: up to `concurrency` jobs at once, all coroutines of one thread. Whatever has
/// finished is reported, and as much is fetched, in one call; while one is under way the next is
/// gathered. Idle, it is woken by the queue's marker, not by asking. While jobs are short, as many
/// as are done in kAheadTime are fetched ahead of the running ones; those that have to wait for
/// long after all go back to the queue. The client outlives it.
class QueueWorker {
 public:
    QueueWorker(asio::any_io_executor executor, redis::Client& client, redis::Options connect,
                QueueKeys keys, WorkerOptions options, Processor processor,
                WorkerObserver& observer, Log log);
    ~QueueWorker();
    QueueWorker(const QueueWorker&) = delete;
    QueueWorker& operator=(const QueueWorker&) = delete;

    /// Begins, on the executor, which is the client's too.
    void start();

    /// Takes no more jobs, lets those that run end until `deadline`, hands the others back, so that
    /// another worker begins them at once. Then nothing of this worker runs any more.
    [[nodiscard]] awaitable<void> stop(Deadline deadline);

    [[nodiscard]] std::size_t running() const { return begun_; }
    [[nodiscard]] const WorkerOptions& options() const { return options_; }
    [[nodiscard]] const QueueKeys& keys() const { return keys_; }
    /// Why jobs cannot be fetched; "" while they can.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

    static constexpr std::size_t kBatchMax = 100;  // jobs fetched, and reported, by one call
    static constexpr std::size_t kAheadMax = 32;   // jobs fetched before they can begin
    static constexpr std::chrono::milliseconds kAheadTime{2};    // of work, fetched ahead
    static constexpr std::chrono::milliseconds kAheadPause{20};  // then they go back

 private:
    struct Run;

    awaitable<void> hand_back(Deadline deadline);
    awaitable<void> exchange_forever();
    awaitable<void> exchange();
    void take_reports(const std::vector<Outcome>& outcomes, const std::vector<Report>& reports);
    void receive(Job job, const std::string& token);
    void begin(std::shared_ptr<Run> run);
    void begin_next();
    void put_back(Run& run);
    awaitable<void> watch_ahead();
    awaitable<void> execute(std::shared_ptr<Run> run);
    awaitable<void> process(std::shared_ptr<Run> run);
    void fail(Run& run, const std::string& reason, bool may_retry);
    void finish(Run& run, Outcome outcome);
    awaitable<void> listen_forever();
    awaitable<void> listen();
    awaitable<void> renew_forever();
    awaitable<void> renew();
    awaitable<void> watch_stalled();
    void look();
    [[nodiscard]] std::size_t room() const;
    [[nodiscard]] std::size_t ahead_max() const;
    [[nodiscard]] bool has_to_exchange() const;

    redis::Client& client_;
    redis::Options connect_;
    QueueKeys keys_;
    std::vector<std::string> base_;
    WorkerOptions options_;
    Processor processor_;
    WorkerObserver& observer_;
    Log log_;
    Scheduler scheduler_;
    std::minstd_rand random_;
    std::string identity_;  // of this worker; the first part of its tokens
    std::uint64_t tokens_given_ = 0;
    bool is_taking_ = false;  // not while it stops
    bool is_exchanging_ = false;
    bool has_to_look_ = true;  // there may be jobs for us
    Milliseconds next_delayed_{};
    std::chrono::steady_clock::time_point limited_until_{};
    std::vector<Outcome> outcomes_;  // to be reported; not many more than `concurrency`
    std::unordered_map<std::string, std::shared_ptr<Run>> running_;  // by id; with those ahead
    std::deque<std::shared_ptr<Run>> ahead_;                         // fetched, not begun
    std::size_t begun_ = 0;
    std::chrono::nanoseconds mean_run_ = kAheadPause;  // of the last jobs; unknown is long
    bool is_watching_ahead_ = false;
    std::string trouble_ = "not connected yet";
    Notification changed_;
    TaskGroup service_;  // exchanges, renews
    TaskGroup listening_;
    TaskGroup jobs_;
};

}  // namespace chatflow::jobs
