#include "hack/load/schedule.hpp"

#include <cmath>

namespace chatflow::load {

Schedule::Schedule(double rate, Time ramp, Time duration)
    : rate_(rate), ramp_(std::chrono::duration<double>(ramp).count()), duration_(duration) {}

// During the ramp the rate is rate·t/ramp, so rate·t²/(2·ramp) requests are due by t.
std::optional<Schedule::Time> Schedule::due(std::uint64_t number) const {
    const auto n = static_cast<double>(number);
    const double in_ramp = rate_ * ramp_ / 2;
    const double seconds =
        n < in_ramp ? std::sqrt(2 * ramp_ * n / rate_) : ramp_ + (n - in_ramp) / rate_;
    const auto due = std::chrono::duration_cast<Time>(std::chrono::duration<double>(seconds));
    if (due >= duration_) return std::nullopt;
    return due;
}

}  // namespace chatflow::load
