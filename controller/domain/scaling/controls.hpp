#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::scaling {

/// What people have told a policy, as it stands at one moment. A freeze is stronger than an
/// override, that than a pause, that than the bounds of schedules, and these than the spec's.
struct Controls {
    api::ReplicaBounds bounds;
    bool is_frozen = false;
    std::optional<std::int32_t> override_replicas;
    bool may_grow = true;
    bool may_shrink = true;
    bool rebalances = false;
    std::vector<api::ActiveControl> active;  // the strongest first
};

[[nodiscard]] Controls controls_at(const api::ScalingPolicySpec& spec,
                                   const api::Observation& seen);

/// The first moment after `seen.now`, and before `horizon`, at which controls begin or end, or a
/// grace period is over: to look at the policy then, not a period later.
[[nodiscard]] std::optional<TimePoint> next_control_change(const api::ScalingPolicySpec& spec,
                                                           const api::Observation& seen,
                                                           TimePoint horizon);

/// "scale-down is paused until 2026-11-21T12:00:00Z: database migration"
[[nodiscard]] std::string control_text(const api::ActiveControl& control);

/// "scale-down is no longer paused"
[[nodiscard]] std::string ended_text(const api::ActiveControl& control);

}  // namespace chatflow::scaling
