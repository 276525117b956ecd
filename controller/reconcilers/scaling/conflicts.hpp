#pragma once

#include "controller/api/core/horizontal_pod_autoscaler.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/reconcilers/scaling/observed.hpp"

#include <memory>
#include <optional>
#include <span>

namespace chatflow {

/// Two autoscalers on one target undo each other's work, so neither of ours acts: names the first
/// other ScalingPolicy, or HorizontalPodAutoscaler, of the namespace that has this policy's target.
[[nodiscard]] std::optional<Obstacle> find_conflict(
    const api::ScalingPolicy& policy,
    std::span<const std::shared_ptr<const api::ScalingPolicy>> policies,
    std::span<const std::shared_ptr<const api::HorizontalPodAutoscaler>> autoscalers);

}  // namespace chatflow
