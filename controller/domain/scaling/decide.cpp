#include "controller/domain/scaling/decide.hpp"

#include "controller/domain/prediction/floor.hpp"
#include "controller/domain/scaling/control_effect.hpp"
#include "controller/domain/scaling/demand.hpp"
#include "controller/domain/scaling/drain.hpp"
#include "controller/domain/scaling/limited_decision.hpp"
#include "controller/domain/scaling/limits.hpp"
#include "controller/domain/scaling/metric_evaluation.hpp"
#include "controller/domain/scaling/metric_message.hpp"
#include "controller/domain/scaling/setting.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::Decision;
using api::DecisionReason;
using api::LimitedBy;
using api::MetricOutcome;

Decision settled(std::int32_t replicas, DecisionReason reason, LimitedBy by, std::string message) {
    Decision decision;
    decision.replicas = replicas;
    decision.uncapped = replicas;
    decision.reason = reason;
    decision.limited_by = by;
    decision.message = std::move(message);
    return decision;
}

/// Where the replicas follow from the bounds alone. An override holds inside and outside of them;
/// the metrics are then read to tell of them.
std::optional<Decision> settle_without_metrics(const Setting& now) {
    const auto [least, most] = now.controls.bounds;
    const std::int32_t current = now.current();
    if (now.controls.override_replicas) return std::nullopt;
    const bool was_policy = now.spec.min_replicas == 0 || now.seen.history.zeroed_at;
    if (current == 0 && least != 0 && !was_policy) {
        return settled(0, DecisionReason::ScalingDisabled, LimitedBy::None,
                       "the target has 0 replicas: scaling is disabled until someone sets more");
    }
    if (current > most) {
        return settled(most, DecisionReason::OutsideBounds, LimitedBy::MaxReplicas,
                       fmt::format("{} → {}: there were more than {}", current, pods_text(most),
                                   bound_name(now.spec.max_replicas, most, "maxReplicas")));
    }
    if (current < least) {
        return settled(least, DecisionReason::OutsideBounds, LimitedBy::MinReplicas,
                       fmt::format("{} → {}: there were fewer than {}", current, pods_text(least),
                                   bound_name(now.spec.min_replicas, least, "minReplicas")));
    }
    return std::nullopt;
}

/// onMissingMetrics: Fallback, once the data have been missing for longer than maxHoldSeconds.
std::optional<std::int32_t> due_fallback(const Setting& now) {
    const api::OnMissingMetrics& rule = now.spec.on_missing_metrics;
    const auto& since = now.seen.metrics_missing_since;
    if (rule.policy != api::MissingMetricsPolicy::Fallback || !rule.fallback_replicas || !since) {
        return std::nullopt;
    }
    const bool is_due = now.seen.now - *since >= std::chrono::seconds{rule.max_hold_seconds};
    return is_due ? rule.fallback_replicas : std::nullopt;
}

void fall_back(Decision& decision, const Setting& now, std::int32_t replicas) {
    fmt::format_to(std::back_inserter(decision.message), "; for more than {} s: {} → {}",
                   now.spec.on_missing_metrics.max_hold_seconds, now.current(),
                   pods_text(replicas));
    limit(decision, now, replicas, std::nullopt);
    decision.reason = DecisionReason::FallbackReplicas;
    if (decision.limited_by == LimitedBy::None) {
        decision.limited_by = LimitedBy::MissingMetrics;
    }
}

/// A metric without data, and the others do not ask for at least what there is.
void hold(Decision& decision, const MetricOutcome& missing, std::int32_t current) {
    decision.replicas = current;
    decision.limited_by = LimitedBy::MissingMetrics;
    decision.reason = missing.reason == kMissingRequest ? DecisionReason::InvalidRequests
                                                        : DecisionReason::MetricUnavailable;
    fmt::format_to(std::back_inserter(decision.message), ": {} {}", pods_text(current),
                   current == 1 ? "stays" : "stay");
    decision.error = missing.message;
}

/// What is expected asks for more than what is.
bool is_lifted(const Decision& decision, const Setting& now, std::int32_t proposal) {
    return decision.predicted && *decision.predicted > proposal &&
           now.spec.prediction->mode == api::PredictionMode::Enforce;
}

void follow(Decision& decision, const Setting& now, const Demand& demand) {
    const MetricOutcome& greatest = decision.metrics[*demand.greatest];
    // A pod that is there always uses a little: that alone does not keep the last one.
    const bool is_idle = demand.idle && *greatest.proposal <= 1;
    decision.message = is_idle ? decision.metrics[*demand.idle].message : greatest.message;
    const auto idle_since = now.seen.history.idle_since.value_or(now.seen.now);
    const bool lifted = !is_idle && is_lifted(decision, now, *greatest.proposal);
    const std::int32_t wanted = lifted ? *decision.predicted : *greatest.proposal;
    if (lifted) {
        decision.message += "; " + prediction::floor_text(*now.seen.forecast, wanted);
    }
    limit(decision, now, is_idle ? 0 : wanted, is_idle ? std::optional{idle_since} : std::nullopt);
    if (lifted && (decision.reason == DecisionReason::AboveThreshold ||
                   decision.reason == DecisionReason::WithinBand)) {
        decision.reason = DecisionReason::PredictedLoad;
    }
    if (decision.reason == DecisionReason::WithinBand && greatest.reason == kAwaitingPods) {
        decision.reason = DecisionReason::AwaitingPods;
    }
    if (is_idle && decision.replicas == 0 && decision.limited_by == LimitedBy::None) {
        decision.reason = DecisionReason::ScaledToZero;
    }
}

Decision decide_by_metrics(const Setting& now) {
    Decision decision;
    decision.metrics.reserve(now.spec.metrics.size());
    for (std::size_t i = 0; i < now.spec.metrics.size(); ++i) {
        decision.metrics.push_back(evaluate_metric(now.spec, now.seen, now.controls, i));
    }
    decision.predicted = prediction::predicted_replicas(now.spec, now.seen);
    const std::int32_t current = now.current();
    const Demand demand = demand_of(decision.metrics);
    decision.uncapped = demand.greatest ? *decision.metrics[*demand.greatest].proposal : current;
    if (!demand.first_missing && demand.greatest) {
        follow(decision, now, demand);
        return decision;
    }
    if (!demand.first_missing) {
        decision.message = "the policy has no metrics";
        limit(decision, now, current, std::nullopt);
        return decision;
    }

    const MetricOutcome& missing = decision.metrics[*demand.first_missing];
    const auto fallback = due_fallback(now);
    if (fallback && *fallback > std::max(decision.uncapped, current)) {
        decision.message = missing.message;
        fall_back(decision, now, *fallback);
    } else if (demand.greatest && decision.uncapped >= current) {
        decision.message = decision.metrics[*demand.greatest].message;
        limit(decision, now, decision.uncapped, std::nullopt);
    } else {
        decision.message = missing.message;
        hold(decision, missing, current);
    }
    return decision;
}

/// What would be decided if nobody had frozen, overridden or paused anything.
Decision decide_freely(const Setting& now) {
    if (now.seen.proposal) {
        Decision decision;
        decision.message = fmt::format("the proposal is {}", pods_text(*now.seen.proposal));
        limit(decision, now, *now.seen.proposal, now.seen.history.idle_since);
        return decision;
    }
    if (auto decision = settle_without_metrics(now)) return *std::move(decision);
    return decide_by_metrics(now);
}

/// Whatever brings the replicas down, connections end first. Where nothing may change, or nothing
/// is known, those who drain go on doing so.
void drain(Decision& decision, const Setting& now) {
    if (decision.error || decision.reason == DecisionReason::Frozen ||
        decision.reason == DecisionReason::Paused) {
        for (const api::DrainingPod& pod : now.seen.draining) {
            if (pod.since) decision.victims.push_back(pod.pod);
        }
        std::ranges::sort(decision.victims);
        return;
    }
    DrainPlan plan = plan_drain(now.spec, now.seen, decision.replicas);
    if (plan.replicas != decision.replicas) {
        decision.replicas = plan.replicas;
        decision.limited_by = LimitedBy::Drain;
        decision.reason = plan.replicas == now.current() ? DecisionReason::Draining
                                                         : DecisionReason::BelowThreshold;
    }
    if (!plan.message.empty()) decision.message += "; " + plan.message;
    decision.victims = std::move(plan.victims);
}

}  // namespace

Decision decide(const api::ScalingPolicySpec& spec, const api::Observation& seen) {
    Controls controls = controls_at(spec, seen);
    const Setting now{spec, seen, controls};
    Decision decision = decide_freely(now);
    if (!controls.active.empty()) {
        obey(decision, now);
        const bool is_own =
            controls.bounds.min == spec.min_replicas && controls.bounds.max == spec.max_replicas;
        if (!is_own) decision.bounds = controls.bounds;
        decision.controls = std::move(controls.active);
    }
    // In mode Observe nobody is told, so that nobody would ever be empty.
    if (spec.drain && spec.mode == api::ScalingMode::Enforce) drain(decision, now);
    return decision;
}

}  // namespace chatflow::scaling
