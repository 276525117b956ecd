#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/time.hpp"

#include <chrono>

namespace chatflow {

/// Time for code that acts. Pure code gets `now` as an argument instead. The only place where
/// coroutines sleep, so that tests advance a FakeClock (tests/support) and wait for nothing.
class Clock {
 public:
    virtual ~Clock() = default;

    [[nodiscard]] virtual TimePoint now() const = 0;

    /// The steady clock, which nobody steps: for ages, time limits and due times.
    [[nodiscard]] virtual std::chrono::steady_clock::time_point steady_now() const {
        return std::chrono::steady_clock::now();
    }

    /// Measured on the steady clock. Cancellation ends it with asio::error::operation_aborted.
    [[nodiscard]] virtual awaitable<void> sleep_for(std::chrono::steady_clock::duration time) = 0;
};

class SystemClock final : public Clock {
 public:
    [[nodiscard]] TimePoint now() const override;
    [[nodiscard]] awaitable<void> sleep_for(std::chrono::steady_clock::duration time) override;
};

}  // namespace chatflow
