#include "controller/clients/pooler/hold.hpp"

#include "libs/async/side_by_side.hpp"
#include "libs/async/with_deadline.hpp"

#include <exception>
#include <memory>
#include <set>
#include <utility>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace chatflow::pooler {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// Of one command to one pod; PAUSE may take as long as its transactions.
constexpr seconds kCommandTakes{2};
constexpr int kResumesMax = 5;
constexpr milliseconds kBetweenResumes{200};

/// What the change that runs beside us has come to.
struct Outcome {
    bool is_over = false;
    std::exception_ptr error;
};

class Hold {
 public:
    Hold(Client& client, std::vector<Pod> pods, HoldOptions options, Clock& clock)
        : client_(client), pods_(std::move(pods)), options_(options), clock_(clock) {}

    awaitable<void> pause() {
        since_ = Deadline::Clock::now();
        limit_ = Deadline::after(options_.limit);
        const Deadline drained = limit_.but_within(options_.drain);
        // All at once: one with a long transaction must not take the others' time.
        std::vector<awaitable<void>> pauses;
        for (const Pod& pod : pods_) pauses.push_back(pause_one(pod, drained));
        co_await all_settled(std::move(pauses));
    }

    /// Each pod for itself: one that does not answer holds up nobody else's transactions.
    awaitable<void> let_go(const Outcome& outcome, const std::string& to, bool at_once) {
        std::vector<awaitable<void>> tasks;
        for (const Pod& pod : pods_) tasks.push_back(let_go_one(pod, outcome, to, at_once));
        co_await all_settled(std::move(tasks));
        report_.held = std::chrono::round<milliseconds>(Deadline::Clock::now() - since_);
    }

    HoldReport take_report() { return std::move(report_); }

 private:
    awaitable<void> pause_one(Pod pod, Deadline drained) {
        std::string refused;
        try {
            co_await client_.pause(pod, drained);
            held_.insert(pod.name);
            co_return;
        } catch (const std::exception& error) {
            refused = error.what();
        }
        const bool holds = co_await is_paused(pod);
        if (holds) held_.insert(pod.name);
        (holds ? report_.undrained : report_.unheld).push_back(pod.name + ": " + refused);
    }

    awaitable<bool> is_paused(const Pod& pod) {
        try {
            const auto answer = co_await client_.ask(pod, Deadline::after(kCommandTakes));
            co_return postgres::is_paused(answer.state);
        } catch (const std::exception&) {
            co_return false;
        }
    }

    awaitable<void> let_go_one(Pod pod, const Outcome& outcome, const std::string& to,
                               bool at_once) {
        try {
            co_await wait(pod, outcome, to, at_once);
        } catch (const std::exception&) {
            // Stopped: nobody is to wait for that.
        }
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await resume(std::move(pod));
    }

    /// Until the change is over and the pod's proxy leads to `to`, or the limit has come.
    awaitable<void> wait(const Pod& pod, const Outcome& outcome, const std::string& to,
                         bool at_once) {
        const bool is_held = held_.contains(pod.name);
        while (!limit_.has_passed()) {
            if (outcome.is_over && (outcome.error || !is_held)) co_return;
            if (is_held && (at_once || outcome.is_over) && co_await leads_to(pod, to)) co_return;
            co_await clock_.sleep_for(options_.poll);
        }
    }

    awaitable<bool> leads_to(const Pod& pod, const std::string& to) {
        try {
            const auto up = co_await client_.leads_to(pod, limit_.but_within(kCommandTakes));
            co_return up == std::vector{to};
        } catch (const std::exception&) {
            co_return false;  // silent now
        }
    }

    awaitable<void> resume(Pod pod) {
        for (int attempt = 0; attempt < kResumesMax; ++attempt) {
            if (attempt > 0) co_await clock_.sleep_for(kBetweenResumes);
            try {
                co_await client_.resume(pod, Deadline::after(kCommandTakes));
                co_return;
            } catch (const std::exception&) {
                // Once more.
            }
        }
        report_.stuck.push_back(pod.name);
    }

    Client& client_;
    std::vector<Pod> pods_;
    std::set<std::string> held_;  // names of pods
    HoldOptions options_;
    Clock& clock_;
    Deadline::Clock::time_point since_;
    Deadline limit_ = Deadline::after(milliseconds{0});
    HoldReport report_;
};

awaitable<void> note(std::function<awaitable<void>()> change, std::shared_ptr<Outcome> outcome) {
    try {
        co_await change();
    } catch (...) {
        outcome->error = std::current_exception();
    }
    outcome->is_over = true;
}

}  // namespace

awaitable<HoldReport> while_held(Client& client, std::vector<Pod> pods, HoldOptions options,
                                 std::string to, bool at_once,
                                 std::function<awaitable<void>()> change, Clock& clock) {
    Hold hold(client, std::move(pods), options, clock);
    const auto outcome = std::make_shared<Outcome>();
    std::exception_ptr stopped;
    try {
        co_await hold.pause();
        auto running = note(std::move(change), outcome);
        asio::co_spawn(co_await asio::this_coro::executor, std::move(running),
                       [](const std::exception_ptr&) {});
    } catch (...) {
        stopped = std::current_exception();
        *outcome = {.is_over = true, .error = stopped};
    }
    // A visit that is stopped ahead of the change sends RESUME, too.
    if (stopped) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await hold.let_go(*outcome, to, at_once);
    while (!outcome->is_over) co_await clock.sleep_for(options.poll);  // it has a deadline
    if (outcome->error) std::rethrow_exception(outcome->error);
    co_return hold.take_report();
}

}  // namespace chatflow::pooler
