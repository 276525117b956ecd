#pragma once

#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/history.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace chatflow::scaling {

// A status is written when it tells something new, and at least this often.
inline constexpr std::chrono::seconds kStatusWriteInterval{60};
inline constexpr std::int32_t kUtilizationStep = 5;  // percentage points

/// Since when MetricsAvailable has been False: for Observation::metrics_missing_since.
[[nodiscard]] std::optional<TimePoint> metrics_missing_since(
    const api::ScalingPolicyStatus& status);

/// The status after this decision, with the record that recomputes it and the history for the next
/// one. `selector` is left as it was.
[[nodiscard]] api::ScalingPolicyStatus next_status(const api::ScalingPolicy& policy,
                                                   const api::Observation& seen,
                                                   const api::Decision& decision, Applied applied);

/// The status of a policy that cannot be carried out; what was last decided stays readable.
[[nodiscard]] api::ScalingPolicyStatus stalled_status(const api::ScalingPolicy& policy,
                                                      const std::string& reason,
                                                      const std::string& message, TimePoint now);

/// Whether `next` is worth a write: replicas, reason or conditions changed, the utilization moved
/// by kUtilizationStep, or the last write is kStatusWriteInterval ago.
[[nodiscard]] bool worth_writing(const api::ScalingPolicyStatus& old,
                                 const api::ScalingPolicyStatus& next, TimePoint now);

}  // namespace chatflow::scaling
