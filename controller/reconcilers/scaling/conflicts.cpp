#include "controller/reconcilers/scaling/conflicts.hpp"

#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace chatflow {
namespace {

/// The version of an API does not make another object: apps/v1 and apps/v1beta1 name one.
std::string_view group_of(const api::TargetRef& target) {
    const auto slash = target.api_version.find('/');
    return slash == std::string::npos ? std::string_view{}
                                      : std::string_view{target.api_version}.substr(0, slash);
}

bool is_same_target(const api::TargetRef& one, const api::TargetRef& other) {
    return one.kind == other.kind && one.name == other.name && group_of(one) == group_of(other);
}

/// A Deployment's ReplicaSet is called after it and the hash that its pods carry.
bool belongs(const api::Pod& pod, const api::TargetRef& target) {
    const api::OwnerReference& owner = *pod.owner;
    if (owner.uid.empty()) return true;
    if (target.kind == "StatefulSet" || target.kind == "ReplicaSet") {
        return owner.kind == target.kind && owner.name == target.name;
    }
    if (target.kind != "Deployment") return true;
    if (owner.kind != "ReplicaSet") return false;
    const auto hash = pod.labels->find("pod-template-hash");
    if (hash == pod.labels->end()) return true;  // not one of a Deployment's own making
    const std::string_view name = owner.name;
    return name.size() == target.name.size() + 1 + hash->second.size() &&
           name.starts_with(target.name) && name[target.name.size()] == '-' &&
           name.ends_with(hash->second);
}

}  // namespace

std::string target_value(const std::string& name_space, const api::TargetRef& target) {
    return fmt::format("{}/{}/{}/{}", name_space, group_of(target), target.kind, target.name);
}

void index_by_target(runtime::Store<api::ScalingPolicy>& policies,
                     runtime::Store<api::HorizontalPodAutoscaler>& autoscalers) {
    policies.add_index(kByTarget, [](const api::ScalingPolicy& policy) {
        return std::vector{target_value(policy.metadata.name_space, policy.spec.target_ref)};
    });
    autoscalers.add_index(kByTarget, [](const api::HorizontalPodAutoscaler& autoscaler) {
        return std::vector{
            target_value(autoscaler.metadata.name_space, autoscaler.spec.scale_target_ref)};
    });
}

void drop_finished_strangers(const api::TargetRef& target,
                             std::vector<std::shared_ptr<const api::Pod>>& pods) {
    if (group_of(target) != "apps") return;
    std::erase_if(pods, [&target](const auto& pod) {
        const bool is_finished = pod->phase == api::PodPhase::Succeeded ||
                                 pod->phase == api::PodPhase::Failed ||
                                 pod->metadata.deletion_timestamp;
        return is_finished && !belongs(*pod, target);
    });
}

std::optional<Obstacle> find_stranger(const api::TargetRef& target,
                                      std::span<const std::shared_ptr<const api::Pod>> pods) {
    if (group_of(target) != "apps") return std::nullopt;
    for (const auto& pod : pods) {
        if (belongs(*pod, target)) continue;
        return Obstacle{"SelectorOverlap",
                        fmt::format("the selector of {} {} also selects pod {}, which {} {} owns: "
                                    "give each workload labels that no other has",
                                    target.kind, target.name, pod->metadata.name, pod->owner->kind,
                                    pod->owner->name)};
    }
    return std::nullopt;
}

std::optional<Obstacle> find_conflict(
    const api::ScalingPolicy& policy,
    std::span<const std::shared_ptr<const api::ScalingPolicy>> policies,
    std::span<const std::shared_ptr<const api::HorizontalPodAutoscaler>> autoscalers) {
    const api::TargetRef& target = policy.spec.target_ref;
    for (const auto& other : policies) {
        const bool is_itself = other->metadata.name == policy.metadata.name;
        if (is_itself || other->metadata.name_space != policy.metadata.name_space ||
            other->metadata.deletion_timestamp || !is_same_target(other->spec.target_ref, target)) {
            continue;
        }
        // One that only observes disturbs nobody.
        if (other->spec.mode == api::ScalingMode::Observe) continue;
        if (policy.spec.mode == api::ScalingMode::Observe) continue;
        return Obstacle{"ConflictingPolicy",
                        fmt::format("ScalingPolicy {} scales {} {} too: delete one of them, or set "
                                    "its mode to Observe",
                                    other->metadata.name, target.kind, target.name)};
    }
    for (const auto& other : autoscalers) {
        if (policy.spec.mode == api::ScalingMode::Observe) break;
        if (other->metadata.name_space != policy.metadata.name_space ||
            !is_same_target(other->spec.scale_target_ref, target)) {
            continue;
        }
        return Obstacle{
            "ConflictingAutoscaler",
            fmt::format("HorizontalPodAutoscaler {} scales {} {} too: delete it, or set this "
                        "policy's mode to Observe",
                        other->metadata.name, target.kind, target.name)};
    }
    return std::nullopt;
}

}  // namespace chatflow
