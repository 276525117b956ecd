#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/stabilization.hpp"

#include <cstdint>
#include <string>

namespace chatflow::scaling {

/// What remains of `wanted` after stabilization, the policies per period and the bounds, in this
/// order, and the last of them that changed it.
[[nodiscard]] Limited apply_limits(const api::ScalingPolicySpec& spec, const api::Observation& seen,
                                   std::int32_t wanted);

/// "held by the scale-down window of 300 s", "cut at maxReplicas (10)"; empty for None.
[[nodiscard]] std::string limit_message(const api::ScalingPolicySpec& spec, api::LimitedBy by);

}  // namespace chatflow::scaling
