#include "controller/api/core/scale.hpp"
#include "controller/clients/kube/api_error.hpp"
#include "controller/domain/scaling/history.hpp"
#include "controller/domain/scaling/status.hpp"
#include "controller/reconcilers/scaling/conflicts.hpp"
#include "controller/reconcilers/scaling/scaling_reconciler.hpp"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

/// "apps/v1" → {"apps", "v1"}; "v1" → {"", "v1"}.
std::pair<std::string, std::string> group_and_version(const std::string& api_version) {
    const auto slash = api_version.find('/');
    if (slash == std::string::npos) return {"", api_version};
    return {api_version.substr(0, slash), api_version.substr(slash + 1)};
}

}  // namespace

awaitable<std::optional<ObservedPolicy>> ScalingReconciler::gather(api::ObjectKey key,
                                                                   Deadline deadline) {
    ObservedPolicy seen{.policy = parts_.policies.find(key)};
    if (!seen.policy || seen.policy->metadata.deletion_timestamp) co_return std::nullopt;
    seen.observation.now = parts_.clock.now();

    if (!seen.policy->spec_errors.empty()) {
        seen.obstacle = Obstacle{"InvalidSpec", to_string(seen.policy->spec_errors)};
        co_return seen;
    }
    const auto policies = parts_.policies.in_namespace(key.name_space);
    const auto autoscalers = parts_.autoscalers.in_namespace(key.name_space);
    seen.obstacle = find_conflict(*seen.policy, policies, autoscalers);
    if (seen.obstacle) co_return seen;

    seen.obstacle =
        co_await read_scale(*seen.policy, seen.scale, seen.observation.replicas, deadline);
    if (!seen.obstacle) co_await observe(seen, deadline);
    co_return seen;
}

awaitable<std::optional<Obstacle>> ScalingReconciler::read_scale(const api::ScalingPolicy& policy,
                                                                 ObservedScale& scale,
                                                                 api::CaseReplicas& replicas,
                                                                 Deadline deadline) {
    const api::TargetRef& target = policy.spec.target_ref;
    const auto kind = co_await parts_.discovery.find(target.api_version, target.kind, deadline);
    if (!kind) {
        co_return Obstacle{"TargetKindUnknown",
                           fmt::format("the cluster serves no {} of {}: correct spec.targetRef",
                                       target.kind, target.api_version)};
    }
    if (!kind->has_scale) {
        co_return Obstacle{"TargetNotScalable",
                           fmt::format("{} has no scale subresource: name a kind that has one, "
                                       "such as Deployment or StatefulSet",
                                       target.kind)};
    }
    const auto [group, version] = group_and_version(target.api_version);
    const auto object = co_await parts_.kube.get({.group = group,
                                                  .version = version,
                                                  .plural = kind->plural,
                                                  .name_space = policy.metadata.name_space,
                                                  .name = target.name,
                                                  .subresource = "scale"},
                                                 deadline);
    if (!object) {
        co_return Obstacle{"TargetNotFound",
                           fmt::format("there is no {} {} in namespace {}", target.kind,
                                       target.name, policy.metadata.name_space)};
    }
    const auto read = api::KindTraits<api::Scale>::decode(*object);
    if (read.status.selector.empty()) {
        co_return Obstacle{
            "TargetWithoutSelector",
            fmt::format("the scale of {} {} names no pods (status.selector is empty)", target.kind,
                        target.name)};
    }
    scale = {group, version, kind->plural, read.metadata.resource_version, read.status.selector};
    replicas = {read.spec.replicas, read.status.replicas};
    co_return std::nullopt;
}

awaitable<void> ScalingReconciler::observe(ObservedPolicy& seen, Deadline deadline) {
    const api::ScalingPolicy& policy = *seen.policy;
    const auto selector = api::parse_label_selector(seen.scale.selector);
    if (!selector) {
        seen.obstacle = Obstacle{"SelectorUnreadable", selector.error()};
        co_return;
    }
    const auto pods = parts_.pods.select(policy.metadata.name_space, *selector);
    for (const auto& pod : pods) seen.observation.pods.push_back(api::case_pod(*pod));
    seen.observation.metrics = co_await parts_.metrics.read(policy, pods, deadline);

    seen.observation.freeze = co_await parts_.freezes.read(policy.metadata.name_space, deadline);
    seen.observation.forecast =
        co_await parts_.forecasts.read(policy, parts_.clock.now(), deadline);

    // Reading takes time; ages are judged by when the samples were there.
    seen.observation.now = parts_.clock.now();
    const Memory& memory = memory_of(policy);
    seen.observation.history = history_for(policy, memory, seen.observation);
    seen.observation.metrics_missing_since = scaling::metrics_missing_since(memory.status);
}

api::ScalingHistory ScalingReconciler::history_for(const api::ScalingPolicy& policy,
                                                   const Memory& memory,
                                                   const api::Observation& seen) {
    const std::int32_t replicas = seen.replicas.spec;
    const bool has_gone_on = memory.evaluated_at && seen.now - *memory.evaluated_at <=
                                                        scaling::longest_silence(policy.spec);
    if (has_gone_on) return scaling::starting_history(memory.history, replicas, seen.now);
    auto history = memory.history;
    const auto& last = memory.status.last_decision;
    if (last && policy.spec.mode == api::ScalingMode::Enforce) {
        history = scaling::with_untold_change(std::move(history), last->decision.replicas, replicas,
                                              seen.now);
    }
    return scaling::resumed_history(std::move(history), policy.spec,
                                    scaling::decided_at(memory.status), replicas, seen.now);
}

ScalingReconciler::Memory& ScalingReconciler::memory_of(const api::ScalingPolicy& policy) {
    Memory& memory = memories_[key_of(policy.metadata)];
    if (memory.uid != policy.metadata.uid) {
        // New to this process: go on where the status, and so the leader before us, stopped.
        memory = {
            .uid = policy.metadata.uid, .status = policy.status, .history = policy.status.history};
    }
    return memory;
}

}  // namespace chatflow
