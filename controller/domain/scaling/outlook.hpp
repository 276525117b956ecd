#pragma once

#include "controller/api/scaling_policy.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace chatflow::scaling {

/// A change of the replicas that lies ahead.
struct OutlookStep {
    TimePoint at{};
    std::int32_t from = 0;
    std::int32_t to = 0;
    bool operator==(const OutlookStep&) const = default;
};

// Longer than the longest window and period; further ahead no load stays as it is.
inline constexpr std::chrono::hours kOutlookSpan{2};
inline constexpr std::size_t kOutlookStepsMax = 5;

/// What a policy in mode Enforce does if the metrics go on asking for what they asked for last (or
/// stay silent): windows end, periods pass, a fallback falls due. Empty when nothing changes, and
/// where no decision for the present spec exists.
[[nodiscard]] std::vector<OutlookStep> outlook(const api::ScalingPolicy& policy);

}  // namespace chatflow::scaling
