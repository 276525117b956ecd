#pragma once

#include "libs/async/clock.hpp"

#include <chrono>
#include <list>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace chatflow::test {

/// A clock that stands still until it is advanced, for coroutines of one io_context that the test
/// itself runs.
class FakeClock final : public Clock {
 public:
    explicit FakeClock(asio::io_context& io) : io_(io) {}

    [[nodiscard]] TimePoint now() const override { return now_; }
    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
        return std::chrono::steady_clock::time_point{std::chrono::hours{1}} + elapsed_;
    }
    [[nodiscard]] awaitable<void> sleep_for(std::chrono::steady_clock::duration time) override;

    /// Moves time on and wakes who sleeps, earliest first, each at its own moment, and runs the
    /// io_context after each until nothing more happens; what falls asleep and is due again within
    /// `time` wakes again.
    void advance(std::chrono::steady_clock::duration time);

    /// Runs the io_context until nothing more happens at the present moment.
    void settle();

    /// Moves the wall clock alone, as an administrator or NTP does; nobody wakes.
    void step(std::chrono::microseconds by) { now_ += by; }

    [[nodiscard]] std::size_t sleepers() const { return sleepers_.size(); }

 private:
    struct Sleeper {
        std::chrono::steady_clock::duration wake_at;  // since construction
        asio::steady_timer timer;
        bool is_awake = false;
    };

    Sleeper* next_due(std::chrono::steady_clock::duration until);

    asio::io_context& io_;
    TimePoint now_{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} +
                   std::chrono::hours{8}};
    std::chrono::steady_clock::duration elapsed_{};
    std::list<Sleeper> sleepers_;
};

}  // namespace chatflow::test
