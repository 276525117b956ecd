#pragma once

#include <chrono>

namespace chatflow {

/// The moment by which an operation has to be done. Passed down from caller to callee, so that
/// each gets the rest of its caller's time. Runs on the steady clock: a stepped wall clock does
/// not move it.
class Deadline {
 public:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] static Deadline after(Clock::duration time);
    [[nodiscard]] static Deadline at(Clock::time_point moment) { return Deadline{moment}; }

    /// Zero when it has passed.
    [[nodiscard]] Clock::duration time_left() const;
    [[nodiscard]] bool has_passed() const { return time_left() == Clock::duration::zero(); }
    [[nodiscard]] Clock::time_point moment() const { return moment_; }

    /// The nearer of this deadline and `time` from now: for one step of several.
    [[nodiscard]] Deadline but_within(Clock::duration time) const;

 private:
    explicit Deadline(Clock::time_point moment) : moment_(moment) {}

    Clock::time_point moment_;
};

}  // namespace chatflow
