#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::scaling {

/// How the replicas come down to what is wanted without cutting connections.
struct DrainPlan {
    std::int32_t replicas = 0;         // to be set now
    std::vector<std::string> victims;  // pods that have to drain from now on; no other has to
    std::string message;               // what it waits for; empty where it waits for nothing
    bool operator==(const DrainPlan&) const = default;
};

/// For spec.drain, which has to be set. Victims are the pods that a ReplicaSet would delete first
/// anyway (those that are not ready), then those with the fewest connections; of a StatefulSet
/// those with the highest numbers. A batch goes as a whole, when each of its pods is empty or has
/// had its time; until each of it is deleted, it stays a victim and is not counted again. Without
/// any data no pod is chosen. `wanted` is what was decided otherwise; more than there are, or as
/// many, ends all draining but that of pods which are on their way out.
[[nodiscard]] DrainPlan plan_drain(const api::ScalingPolicySpec& spec, const api::Observation& seen,
                                   std::int32_t wanted);

}  // namespace chatflow::scaling
