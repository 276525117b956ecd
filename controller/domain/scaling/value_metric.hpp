#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/pod_metric.hpp"
#include "controller/domain/scaling/thresholds.hpp"

#include <cstdint>

namespace chatflow::scaling {

/// One number for the whole target: each pod that is Running and Ready is taken to carry an equal
/// part of it. From 0 replicas, as many as the ratio says.
[[nodiscard]] Proposal propose_by_value(std::int64_t total, const Thresholds& thresholds,
                                        std::int32_t current, std::int32_t ready_pods);

/// One number to be shared: total / aim pods. Inside the tolerance HPA answers with
/// status.replicas and so copies pods of a rollout's surge into the spec; ours answers with
/// spec.replicas.
[[nodiscard]] Proposal propose_by_average(std::int64_t total, const Thresholds& thresholds,
                                          const api::CaseReplicas& replicas,
                                          api::Compatibility compatibility);

}  // namespace chatflow::scaling
