#include "controller/api/core/scale.hpp"
#include "controller/api/names.hpp"
#include "controller/clients/kube/api.hpp"
#include "controller/domain/scaling/conditions.hpp"
#include "controller/domain/scaling/history.hpp"
#include "controller/domain/scaling/status.hpp"
#include "controller/reconcilers/scaling/scaling_reconciler.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

// One manager for what we scale, one for what we report, so that neither takes the other's fields.
constexpr const char* kScaleManager = "chatflow-scaling";
constexpr const char* kStatusManager = "chatflow-status";

api::ObjectReference reference_to(const api::ScalingPolicy& policy) {
    return {.api_version = api::api_version_of<api::ScalingPolicy>(),
            .kind = std::string(api::KindTraits<api::ScalingPolicy>::kKind),
            .name_space = policy.metadata.name_space,
            .name = policy.metadata.name,
            .uid = policy.metadata.uid};
}

}  // namespace

awaitable<void> ScalingReconciler::apply(const ObservedPolicy& seen, const api::Decision& decision,
                                         Deadline deadline, const Log& log) {
    const api::ScalingPolicy& policy = *seen.policy;
    const api::ObjectKey key = key_of(policy.metadata);
    const std::int32_t from = seen.observation.replicas.spec;
    const bool scales = policy.spec.mode == api::ScalingMode::Enforce && !decision.error &&
                        decision.replicas != from;
    if (policy.spec.drain && policy.spec.mode == api::ScalingMode::Enforce) {
        co_await parts_.drains.carry_out(policy, seen.pods, seen.observation, decision, deadline,
                                         log);
    } else {
        co_await parts_.drains.release(key, deadline, log);
    }
    Memory& memory = memory_of(policy);
    if (scales) {
        if (memory.attempts.size() == api::kChangesMax) {
            memory.attempts.erase(memory.attempts.begin());
        }
        memory.attempts.push_back(scaling::change_of(policy, seen.observation, decision));
        co_await write_scale(seen, decision.replicas, deadline);
        memory.attempts.clear();
        parts_.exported.scaled(key, from, decision.replicas);
    }
    const auto applied = scales ? scaling::Applied::Yes : scaling::Applied::No;
    note_lateness(seen);
    tell(policy, scaling::events_for(memory.status, seen.observation, decision, applied), decision,
         from, log);
    memory.history = scaling::advance(seen.observation.history, policy.spec, seen.observation,
                                      decision, applied);

    // The conditions' transition times follow what was last written, which the cache may not show
    // yet.
    api::ScalingPolicy latest = policy;
    latest.status = scaling::with_changes(memory.status, memory.untold);
    auto status = scaling::next_status(latest, seen.observation, decision, applied);
    status.selector = seen.scale.selector;
    if (scales) memory.untold.push_back(status.changes.back());
    parts_.exported.decided(key, policy.spec.mode, status);
    const auto interval = scaling::status_write_interval(parts_.policies.size());
    if (!scaling::worth_writing(memory.status, status, seen.observation.now, interval)) co_return;
    const bool waits = scaling::is_routine(memory.status, status) &&
                       !routine_writes_.take(std::chrono::steady_clock::now());
    if (waits) co_return;  // until the next evaluation
    co_await write_status(policy, std::move(status), deadline);
    scaling::drop_messages(memory_of(policy).status);
}

awaitable<void> ScalingReconciler::stall(const ObservedPolicy& seen, Deadline deadline,
                                         const Log& log) {
    const api::ScalingPolicy& policy = *seen.policy;
    co_await parts_.drains.release(key_of(policy.metadata), deadline, log);
    api::ScalingPolicy latest = policy;
    Memory& memory = memory_of(policy);
    latest.status = scaling::with_changes(memory.status, memory.untold);

    api::ScalingPolicyStatus status = scaling::stalled_status(
        latest, seen.obstacle->reason, seen.obstacle->message, seen.observation.now);
    parts_.exported.decided(key_of(policy.metadata), policy.spec.mode, status);
    if (status == memory.status) co_return;
    const api::Condition* before = api::find_condition(memory.status.conditions, "Stalled");
    if (before == nullptr || before->reason != seen.obstacle->reason) {
        log.warning("Policy cannot be carried out",
                    {{"reason", seen.obstacle->reason}, {"message", seen.obstacle->message}});
        parts_.events.record({.regarding = reference_to(policy),
                              .type = api::EventType::Warning,
                              .reason = seen.obstacle->reason,
                              .action = "Evaluate",
                              .note = seen.obstacle->message});
    }
    co_await write_status(policy, std::move(status), deadline);
}

awaitable<void> ScalingReconciler::write_scale(const ObservedPolicy& seen, std::int32_t replicas,
                                               Deadline deadline) {
    const std::string& name = seen.policy->spec.target_ref.name;
    const kube::Resource target{.group = seen.scale.group,
                                .version = seen.scale.version,
                                .plural = seen.scale.plural,
                                .name_space = seen.policy->metadata.name_space,
                                .name = name,
                                .subresource = "scale"};
    // Conditional on what was read: whoever scaled in between is seen first (409, then again).
    if (!target.group.empty() && target.group != "apps") {
        // kube-apiserver answers 500 to an apply of a custom resource's scale.
        const nlohmann::json patch{{"metadata", {{"resourceVersion", seen.scale.resource_version}}},
                                   {"spec", {{"replicas", replicas}}}};
        co_await parts_.kube.merge_patch(target, patch, {.field_manager = kScaleManager}, deadline);
        co_return;
    }
    api::Scale scale{.metadata = {.name = name,
                                  .name_space = seen.policy->metadata.name_space,
                                  .resource_version = seen.scale.resource_version},
                     .spec = {.replicas = replicas}};
    co_await parts_.kube.apply(target, api::KindTraits<api::Scale>::encode(scale),
                               {.field_manager = kScaleManager, .force = true}, deadline);
}

awaitable<void> ScalingReconciler::write_status(const api::ScalingPolicy& policy,
                                                api::ScalingPolicyStatus status,
                                                Deadline deadline) {
    status.simulation.reset();  // another's: what is not sent stays as it is
    nlohmann::json patch = {{"apiVersion", api::api_version_of<api::ScalingPolicy>()},
                            {"kind", api::KindTraits<api::ScalingPolicy>::kKind},
                            {"metadata", {{"name", policy.metadata.name}}},
                            {"status", api::to_json(status)}};
    kube::Api<api::ScalingPolicy> policies(parts_.kube, policy.metadata.name_space);
    co_await policies.apply_status(policy.metadata.name, std::move(patch),
                                   {.field_manager = kStatusManager, .force = true}, deadline);
    scaling::drop_inputs(status);
    Memory& memory = memory_of(policy);
    memory.status = std::move(status);
    memory.untold.clear();
}

void ScalingReconciler::tell(const api::ScalingPolicy& policy,
                             std::span<const scaling::EventNote> notes,
                             const api::Decision& decision, std::int32_t from, const Log& log) {
    for (const scaling::EventNote& note : notes) {
        log.info(note.message, {{"reason", note.reason},
                                {"from", from},
                                {"to", decision.replicas},
                                {"uncapped", decision.uncapped},
                                {"decision", to_string(decision.reason)}});
        parts_.events.record(
            {.regarding = reference_to(policy),
             .type = note.is_warning ? api::EventType::Warning : api::EventType::Normal,
             .reason = note.reason,
             .action = "Scale",
             .note = note.message});
    }
}

void ScalingReconciler::note_lateness(const ObservedPolicy& seen) {
    const api::ScalingPolicy& policy = *seen.policy;
    Memory& memory = memory_of(policy);
    if (memory.due && memory.generation == policy.metadata.generation) {
        const std::chrono::duration<double> late = seen.steady_now - *memory.due;
        if (late.count() > 0) parts_.exported.evaluated_late(late);
    }
    memory.evaluated_at = seen.observation.now;
    memory.evaluated_steady = seen.steady_now;
    memory.generation = policy.metadata.generation;
}

}  // namespace chatflow
