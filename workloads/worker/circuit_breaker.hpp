#pragma once

#include <chrono>
#include <cstdint>

namespace chatflow::worker {

/// Whether a service that keeps failing is called at all. After kFailuresMax failures in a row it
/// is left alone for kPause; then one call finds out whether it is back.
class CircuitBreaker {
 public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// True: make the call, and tell how it ended. A call that finds out counts until it has ended.
    [[nodiscard]] bool may_call(TimePoint now);
    void on_success();
    void on_failure(TimePoint now);

    /// Until the next call may be made; zero while calls may be made.
    [[nodiscard]] std::chrono::milliseconds pause_left(TimePoint now) const;

    static constexpr std::uint32_t kFailuresMax = 5;
    static constexpr std::chrono::seconds kPause{15};

 private:
    std::uint32_t failures_ = 0;  // in a row
    TimePoint open_until_{};
};

}  // namespace chatflow::worker
