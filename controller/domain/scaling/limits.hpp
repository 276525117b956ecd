#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/stabilization.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace chatflow::scaling {

/// What remains of `wanted` after stabilization, the policies per period, the bounds and the flap
/// budget, in this order, and the last of them that changed it.
[[nodiscard]] Limited apply_limits(const api::ScalingPolicySpec& spec, const api::Observation& seen,
                                   const api::ReplicaBounds& bounds, std::int32_t wanted);

/// "minReplicas", "maxReplicas of a schedule": what a bound in force is called.
[[nodiscard]] std::string bound_name(std::int32_t own, std::int32_t in_force,
                                     std::string_view name);

/// "held by the scale-down window of 300 s", "cut at maxReplicas (10)"; empty for None and for
/// controls, which have their own words.
[[nodiscard]] std::string limit_message(const api::ScalingPolicySpec& spec,
                                        const api::ReplicaBounds& bounds, api::LimitedBy by);

/// The same of a decision that was made, controls included.
[[nodiscard]] std::string limit_message(const api::ScalingPolicySpec& spec,
                                        const api::Decision& decision);

/// Direction changes within the flap budget's period; of an hour where there is no budget.
[[nodiscard]] std::int32_t recent_turns(const api::ScalingPolicySpec& spec,
                                        const api::ScalingHistory& history, TimePoint now);

}  // namespace chatflow::scaling
