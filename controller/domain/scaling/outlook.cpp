#include "controller/domain/scaling/outlook.hpp"

#include "controller/domain/scaling/controls.hpp"
#include "controller/domain/scaling/decide.hpp"
#include "controller/domain/scaling/history.hpp"
#include "controller/domain/scaling/status.hpp"

#include <algorithm>
#include <optional>

namespace chatflow::scaling {
namespace {

using api::DecisionReason;
using api::LimitedBy;

bool is_silent(const api::Decision& decision) {
    return decision.reason == DecisionReason::MetricUnavailable ||
           decision.reason == DecisionReason::FallbackReplicas;
}

/// Only these pass with time.
bool is_temporary(LimitedBy by) {
    return by == LimitedBy::ScaleUpStabilization || by == LimitedBy::ScaleDownStabilization ||
           by == LimitedBy::ScaleUpPolicy || by == LimitedBy::ScaleDownPolicy ||
           by == LimitedBy::FlapBudget || by == LimitedBy::GracePeriod;
}

std::vector<OutlookStep> fallback_step(const api::ScalingPolicy& policy, std::int32_t replicas) {
    const api::OnMissingMetrics& rule = policy.spec.on_missing_metrics;
    const auto since = metrics_missing_since(policy.status);
    const bool is_set = rule.policy == api::MissingMetricsPolicy::Fallback &&
                        rule.fallback_replicas.value_or(0) > replicas;
    if (!is_set || !since) return {};
    return {{*since + std::chrono::seconds{rule.max_hold_seconds}, replicas,
             std::min(*rule.fallback_replicas, policy.spec.max_replicas)}};
}

}  // namespace

std::vector<OutlookStep> outlook(const api::ScalingPolicy& policy) {
    const auto& record = policy.status.last_decision;
    if (!record || record->generation != policy.metadata.generation ||
        !policy.spec_errors.empty()) {
        return {};
    }
    std::int32_t replicas = record->decision.replicas;
    if (is_silent(record->decision)) return fallback_step(policy, replicas);
    if (record->decision.error || record->decision.reason == DecisionReason::ScalingDisabled ||
        record->decision.reason == DecisionReason::OutsideBounds) {
        return {};
    }

    const std::chrono::seconds period{policy.spec.evaluation_period_seconds};
    const TimePoint start = record->observation.now;
    api::ScalingHistory history = policy.status.history;
    std::vector<OutlookStep> steps;
    for (TimePoint at = start + period; at <= start + kOutlookSpan; at += period) {
        api::Observation ahead{.now = at,
                               .replicas = {replicas, replicas},
                               .history = std::move(history),
                               .proposal = record->decision.uncapped,
                               .freeze = record->observation.freeze};
        const api::Decision decision = decide(policy.spec, ahead);
        // When connections end nobody knows.
        if (policy.spec.drain && decision.replicas < replicas) break;
        if (decision.replicas != replicas) steps.push_back({at, replicas, decision.replicas});
        if (steps.size() == kOutlookStepsMax) break;
        const bool may_change = is_temporary(decision.limited_by) ||
                                next_control_change(policy.spec, ahead, start + kOutlookSpan);
        if (!may_change) break;
        history = advance(ahead.history, policy.spec, ahead, decision, Applied::Yes);
        replicas = decision.replicas;
    }
    return steps;
}

}  // namespace chatflow::scaling
