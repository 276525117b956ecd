#pragma once

#include "controller/api/core/horizontal_pod_autoscaler.hpp"
#include "controller/api/scaling_policy_codec.hpp"
#include "controller/reconcilers/scaling/observed.hpp"
#include "controller/runtime/store.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>  // whole: the concept of a Store asks for it

namespace chatflow {

/// What an index by target goes by: one value for each object that can be scaled.
[[nodiscard]] std::string target_value(const std::string& name_space, const api::TargetRef& target);

inline constexpr const char* kByTarget = "target";

/// To be called before the stores fill, for by_index(kByTarget, target_value(…)).
void index_by_target(runtime::Store<api::ScalingPolicy>& policies,
                     runtime::Store<api::HorizontalPodAutoscaler>& autoscalers);

/// Two autoscalers on one target undo each other's work, so neither of ours acts: names the first
/// other ScalingPolicy, or HorizontalPodAutoscaler, of the namespace that has this policy's target.
[[nodiscard]] std::optional<Obstacle> find_conflict(
    const api::ScalingPolicy& policy,
    std::span<const std::shared_ptr<const api::ScalingPolicy>> policies,
    std::span<const std::shared_ptr<const api::HorizontalPodAutoscaler>> autoscalers);

/// Takes out pods of other workloads that have come to their end, as those of a Job that ran before
/// a release: they share labels, but are no load and no capacity of the target.
void drop_finished_strangers(const api::TargetRef& target,
                             std::vector<std::shared_ptr<const api::Pod>>& pods);

/// Pods that the target's selector finds and another workload owns would be measured, and counted,
/// as the target's: names the first of them. Of Deployments, StatefulSets and ReplicaSets only; a
/// pod without an owner is nobody else's.
[[nodiscard]] std::optional<Obstacle> find_stranger(
    const api::TargetRef& target, std::span<const std::shared_ptr<const api::Pod>> pods);

}  // namespace chatflow
