#include "controller/domain/scaling/history.hpp"
#include "controller/domain/scaling/status.hpp"
#include "controller/reconcilers/scaling/conflicts.hpp"
#include "controller/reconcilers/scaling/scaling_reconciler.hpp"

#include <algorithm>
#include <utility>

namespace chatflow {
awaitable<std::optional<ObservedPolicy>> ScalingReconciler::gather(api::ObjectKey key,
                                                                   Deadline deadline) {
    ObservedPolicy seen{.policy = parts_.policies.find(key)};
    if (!seen.policy || seen.policy->metadata.deletion_timestamp) co_return std::nullopt;
    seen.observation.now = parts_.clock.now();

    if (!seen.policy->spec_errors.empty()) {
        seen.obstacle = Obstacle{"InvalidSpec", to_string(seen.policy->spec_errors)};
        co_return seen;
    }
    const std::string target_is = target_value(key.name_space, seen.policy->spec.target_ref);
    const auto policies = parts_.policies.by_index(kByTarget, target_is);
    const auto autoscalers = parts_.autoscalers.by_index(kByTarget, target_is);
    seen.obstacle = find_conflict(*seen.policy, policies, autoscalers);
    if (!seen.obstacle) {
        seen.obstacle = co_await parts_.scaled_objects.find_conflict(*seen.policy, deadline);
    }
    if (seen.obstacle) co_return seen;

    const auto target =
        co_await parts_.targets.read(seen.policy->spec.target_ref, key.name_space, deadline);
    if (!target) {
        seen.obstacle = target.error();
        co_return seen;
    }
    seen.scale = target->scale;
    seen.observation.replicas = target->replicas;
    co_await observe(seen, deadline);
    co_return seen;
}

awaitable<void> ScalingReconciler::observe(ObservedPolicy& seen, Deadline deadline) {
    const api::ScalingPolicy& policy = *seen.policy;
    const auto selector = api::parse_label_selector(seen.scale.selector);
    if (!selector) {
        seen.obstacle = Obstacle{"SelectorUnreadable", selector.error()};
        co_return;
    }
    seen.pods = parts_.pods.select(policy.metadata.name_space, *selector);
    drop_finished_strangers(policy.spec.target_ref, seen.pods);
    const auto& pods = seen.pods;
    seen.obstacle = find_stranger(policy.spec.target_ref, pods);
    if (seen.obstacle) co_return;
    for (const auto& pod : pods) seen.observation.pods.push_back(api::case_pod(*pod));
    seen.observation.metrics =
        co_await parts_.metrics.read(policy, pods, seen.scale.selector, deadline);
    if (policy.spec.drain) {
        seen.observation.draining = co_await parts_.drains.read(policy, pods, deadline);
    }

    seen.observation.freeze = co_await parts_.freezes.read(policy.metadata.name_space, deadline);
    seen.observation.forecast =
        co_await parts_.forecasts.read(policy, parts_.clock.now(), deadline);

    // Reading takes time; ages are judged by when the samples were there.
    seen.observation.now = parts_.clock.now();
    seen.steady_now = parts_.clock.steady_now();
    Memory& memory = memory_of(policy);
    settle_attempts(seen, memory);
    seen.observation.history = history_for(seen, memory);
    seen.observation.metrics_missing_since = scaling::metrics_missing_since(memory.status);
}

void ScalingReconciler::settle_attempts(const ObservedPolicy& seen, Memory& memory) {
    const std::int32_t replicas = seen.observation.replicas.spec;
    const auto made = std::ranges::find(memory.attempts, replicas, &api::ScaleChange::to);
    if (made == memory.attempts.end()) return;  // the cache may not show it yet
    memory.history = scaling::with_untold_change(std::move(memory.history), seen.policy->spec,
                                                 made->from, replicas, seen.observation.now);
    memory.untold.push_back(std::move(*made));
    memory.attempts.clear();
}

api::ScalingHistory ScalingReconciler::history_for(const ObservedPolicy& seen,
                                                   const Memory& memory) {
    const api::ScalingPolicySpec& spec = seen.policy->spec;
    const std::int32_t replicas = seen.observation.replicas.spec;
    const TimePoint now = seen.observation.now;
    auto history = memory.history;
    if (memory.evaluated_at) {
        const auto passed = seen.steady_now - memory.evaluated_steady;
        const auto step = scaling::clock_step(now - *memory.evaluated_at, passed);
        history = scaling::after_clock_step(std::move(history), step);
        if (passed <= scaling::longest_silence(spec)) {
            return scaling::starting_history(std::move(history), replicas, now);
        }
    }
    const auto& last = memory.status.last_decision;
    if (last && spec.mode == api::ScalingMode::Enforce) {
        history = scaling::with_untold_change(std::move(history), spec, last->decision.replicas,
                                              replicas, now);
    }
    return scaling::resumed_history(std::move(history), spec, scaling::decided_at(memory.status),
                                    replicas, now);
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
