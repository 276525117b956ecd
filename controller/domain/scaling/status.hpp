#pragma once

#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/history.hpp"

#include <optional>
#include <span>
#include <string>

namespace chatflow::scaling {

inline constexpr std::int32_t kUtilizationStep = 5;    // percentage points
inline constexpr std::size_t kChangeMessageMax = 256;  // bytes; the last decision has all of it

/// Since when MetricsAvailable has been False: for Observation::metrics_missing_since.
[[nodiscard]] std::optional<TimePoint> metrics_missing_since(
    const api::ScalingPolicyStatus& status);

/// When the last decision was made that the status tells of.
[[nodiscard]] std::optional<TimePoint> decided_at(const api::ScalingPolicyStatus& status);

/// What status.changes says of a decision that was carried out.
[[nodiscard]] api::ScaleChange change_of(const api::ScalingPolicy& policy,
                                         const api::Observation& seen,
                                         const api::Decision& decision);

/// A status that tells of these changes as well, in the order in which they were made.
[[nodiscard]] api::ScalingPolicyStatus with_changes(api::ScalingPolicyStatus status,
                                                    std::span<const api::ScaleChange> made);

/// The status after this decision, with the record that recomputes it and the history for the next
/// one. `selector` is left as it was.
[[nodiscard]] api::ScalingPolicyStatus next_status(const api::ScalingPolicy& policy,
                                                   const api::Observation& seen,
                                                   const api::Decision& decision, Applied applied);

/// What recomputes a change: the metrics' proposal goes in, the rest is decided again.
[[nodiscard]] api::Observation case_of(const api::ScaleChange& change);

/// The status of a policy that cannot be carried out; what was last decided stays readable.
[[nodiscard]] api::ScalingPolicyStatus stalled_status(const api::ScalingPolicy& policy,
                                                      const std::string& reason,
                                                      const std::string& message, TimePoint now);

/// Leaves of the last decision what the next one and its events need. What it was made from is for
/// readers of the status, and by far its largest part.
void drop_inputs(api::ScalingPolicyStatus& status);

/// Leaves the conditions without their messages, which no decision looks at.
void drop_messages(api::ScalingPolicyStatus& status);

/// Whether a write that is worth it may wait for a quieter moment: nothing was scaled, and neither
/// the reason nor a condition changed. The first status of all is such a one.
[[nodiscard]] bool is_routine(const api::ScalingPolicyStatus& old,
                              const api::ScalingPolicyStatus& next);

/// Whether `next` is worth a write: replicas, reason, controls or conditions changed, the
/// utilization moved by kUtilizationStep, the last write is `interval` ago, or more replicas than
/// before were recommended: a new leader that did not know would scale down too early.
[[nodiscard]] bool worth_writing(const api::ScalingPolicyStatus& old,
                                 const api::ScalingPolicyStatus& next, TimePoint now,
                                 std::chrono::seconds interval = kStatusWriteInterval);

}  // namespace chatflow::scaling
