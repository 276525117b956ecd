#include "controller/clients/pooler/hold.hpp"

#include "libs/async/side_by_side.hpp"
#include "libs/async/with_deadline.hpp"

#include <exception>
#include <memory>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace chatflow::pooler {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// Of one command to one pod; PAUSE may take as long as its transactions.
constexpr seconds kCommandTakes{2};
constexpr int kResumesMax = 3;

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

    /// Until the change is over and the proxies lead to `to`, or the limit has come.
    awaitable<void> wait(const Outcome& outcome, const std::string& to, bool at_once) {
        while (!limit_.has_passed()) {
            if (outcome.is_over && outcome.error) co_return;
            if ((at_once || outcome.is_over) && co_await all_lead_to(to)) co_return;
            co_await clock_.sleep_for(options_.poll);
        }
    }

    awaitable<void> resume() {
        for (const Pod& pod : pods_) {
            bool done = false;
            for (int attempt = 0; attempt < kResumesMax && !done; ++attempt) {
                try {
                    co_await client_.resume(pod, Deadline::after(kCommandTakes));
                    done = true;
                } catch (const std::exception&) {
                    // Once more.
                }
            }
            if (!done) report_.stuck.push_back(pod.name);
        }
        report_.held = std::chrono::round<milliseconds>(Deadline::Clock::now() - since_);
    }

    HoldReport take_report() { return std::move(report_); }

 private:
    awaitable<void> pause_one(Pod pod, Deadline drained) {
        std::string refused;
        try {
            co_await client_.pause(pod, drained);
            held_.push_back(pod);
            co_return;
        } catch (const std::exception& error) {
            refused = error.what();
        }
        const bool holds = co_await is_paused(pod);
        if (holds) held_.push_back(pod);
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

    awaitable<bool> all_lead_to(const std::string& to) {
        for (const Pod& pod : held_) {
            try {
                const auto up = co_await client_.leads_to(pod, limit_.but_within(kCommandTakes));
                if (up != std::vector{to}) co_return false;
            } catch (const std::exception&) {
                co_return false;  // a pod that is silent now
            }
        }
        co_return true;
    }

    Client& client_;
    std::vector<Pod> pods_;
    std::vector<Pod> held_;
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
    std::exception_ptr broken;
    try {
        co_await hold.pause();
        auto running = note(std::move(change), outcome);
        asio::co_spawn(co_await asio::this_coro::executor, std::move(running),
                       [](const std::exception_ptr&) {});
        co_await hold.wait(*outcome, to, at_once);
    } catch (...) {
        broken = std::current_exception();
    }
    co_await hold.resume();
    if (broken) std::rethrow_exception(broken);
    while (!outcome->is_over) co_await clock.sleep_for(options.poll);  // it has a deadline
    if (outcome->error) std::rethrow_exception(outcome->error);
    co_return hold.take_report();
}

}  // namespace chatflow::pooler
