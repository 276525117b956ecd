#pragma once

#include "controller/api/condition.hpp"
#include "controller/api/scaling_policy.hpp"

#include <string>
#include <vector>

namespace chatflow::scaling {

// The types of a ScalingPolicy's conditions; all are set on the first visit. Ready says that the
// policy is valid and carried out: a missing metric makes MetricsAvailable False and nothing else.
inline constexpr char kReady[] = "Ready";
inline constexpr char kReconciling[] = "Reconciling";
inline constexpr char kStalled[] = "Stalled";
inline constexpr char kScalingActive[] = "ScalingActive";    // as in HPA
inline constexpr char kAbleToScale[] = "AbleToScale";        // as in HPA
inline constexpr char kScalingLimited[] = "ScalingLimited";  // as in HPA
inline constexpr char kMetricsAvailable[] = "MetricsAvailable";
inline constexpr char kControlled[] = "Controlled";  // a freeze, override, pause or schedule

/// What follows from a decision; times of transition are `now` throughout, api::set_condition()
/// keeps older ones.
[[nodiscard]] std::vector<api::Condition> conditions_for(const api::ScalingPolicy& policy,
                                                         const api::Observation& seen,
                                                         const api::Decision& decision,
                                                         TimePoint now);

/// What follows when nothing can be decided until somebody changes something: an invalid spec, no
/// such target, a second autoscaler on it.
[[nodiscard]] std::vector<api::Condition> stalled_conditions(const api::ScalingPolicy& policy,
                                                             const std::string& reason,
                                                             const std::string& message,
                                                             TimePoint now);

}  // namespace chatflow::scaling
