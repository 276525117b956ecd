#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace chatflow::load {

/// When each request is due: a steady rate, reached in a straight line during the ramp. A pure
/// function of the request's number, so that slow answers do not shift later requests.
class Schedule {
 public:
    using Time = std::chrono::steady_clock::duration;  // since the load began

    /// `rate` per second, above 0.
    Schedule(double rate, Time ramp, Time duration);

    /// Nothing when the load is over by then.
    [[nodiscard]] std::optional<Time> due(std::uint64_t number) const;

 private:
    double rate_;
    double ramp_;  // seconds
    Time duration_;
};

}  // namespace chatflow::load
