#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"

namespace chatflow::scaling {

/// The replicas for the next period, with reasons: HPA v2's calculation, and ours where the spec
/// asks for more (docs/decisions.md lists the differences). Pure: equal inputs, equal decisions;
/// the order of pods and samples does not matter. Never throws for what stands in its inputs; no
/// data never scales down.
[[nodiscard]] api::Decision decide(const api::ScalingPolicySpec& spec,
                                   const api::Observation& seen);

}  // namespace chatflow::scaling
