#pragma once

#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/history.hpp"

#include <string>
#include <vector>

namespace chatflow::scaling {

/// An Event about a policy, before it has a place and a time.
struct EventNote {
    bool is_warning = false;
    std::string reason;  // CamelCase
    std::string message;
    bool operator==(const EventNote&) const = default;
};

/// What is worth an Event, each change once: SuccessfulRescale (WouldRescale in mode Observe),
/// MetricsUnavailable and MetricsRecovered, ScalingDisabled, InvalidRequests. `old` is the status
/// before this decision.
[[nodiscard]] std::vector<EventNote> events_for(const api::ScalingPolicyStatus& old,
                                                const api::Observation& seen,
                                                const api::Decision& decision, Applied applied);

}  // namespace chatflow::scaling
