#pragma once

#include <chrono>

namespace chatflow::postgres {

/// Hears what a pool does, for metrics. Called from the pool's threads, several at once.
class PoolObserver {
 public:
    enum class Outcome { Ok, Unavailable, Timeout, Overloaded, Conflict, Error };

    virtual ~PoolObserver() = default;

    /// A call got a connection after `waited` and kept it for `ran`.
    virtual void on_call(Outcome outcome, std::chrono::nanoseconds waited,
                         std::chrono::nanoseconds ran) = 0;
    /// A call ended without having got a connection.
    virtual void on_refusal(Outcome outcome) = 0;
    virtual void on_connect(bool succeeded) = 0;
};

}  // namespace chatflow::postgres
