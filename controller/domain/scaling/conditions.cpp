#include "controller/domain/scaling/conditions.hpp"

#include "controller/api/names.hpp"
#include "controller/domain/scaling/controls.hpp"
#include "controller/domain/scaling/metric_evaluation.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::Condition;
using api::ConditionStatus;
using api::DecisionReason;
using api::LimitedBy;

struct Finding {
    ConditionStatus status = ConditionStatus::True;
    std::string reason;
    std::string message;
};

/// The columns of `kubectl get` show this condition, so it carries the decision.
Finding ready(const api::Decision& decision) {
    const bool is_usable = decision.reason != DecisionReason::InvalidRequests;
    return {is_usable ? ConditionStatus::True : ConditionStatus::False,
            std::string(to_string(decision.reason)), decision.message};
}

Finding stalled(const api::Decision& decision) {
    return decision.reason == DecisionReason::InvalidRequests
               ? Finding{ConditionStatus::True, "InvalidRequests", decision.message}
               : Finding{ConditionStatus::False, "Progressing", "nothing stands in the way"};
}

Finding scaling_active(const api::Decision& decision) {
    switch (decision.reason) {
        case DecisionReason::ScalingDisabled:
            return {ConditionStatus::False, "ScalingDisabled", decision.message};
        case DecisionReason::MetricUnavailable:
        case DecisionReason::FallbackReplicas:
            return {ConditionStatus::False, "MetricUnavailable", decision.message};
        case DecisionReason::InvalidRequests:
            return {ConditionStatus::False, "InvalidRequests", decision.message};
        case DecisionReason::OutsideBounds:
            return {ConditionStatus::True, "OutsideBounds", decision.message};
        case DecisionReason::ScaledToZero:
            return {ConditionStatus::True, "ScaledToZero", decision.message};
        default:
            return decision.error
                       ? Finding{ConditionStatus::False, "MetricUnavailable", decision.message}
                       : Finding{ConditionStatus::True, "ValidMetricFound", decision.message};
    }
}

Finding able_to_scale(const api::ScalingPolicy& policy, const api::Decision& decision) {
    switch (decision.limited_by) {
        case LimitedBy::ScaleUpStabilization:
            return {ConditionStatus::True, "ScaleUpStabilized", decision.message};
        case LimitedBy::ScaleDownStabilization:
            return {ConditionStatus::True, "ScaleDownStabilized", decision.message};
        case LimitedBy::Freeze:
            return {ConditionStatus::False, "Frozen", decision.message};
        case LimitedBy::Pause:
            return {ConditionStatus::False, "Paused", decision.message};
        case LimitedBy::FlapBudget:
            return {ConditionStatus::True, "FlapBudgetSpent", decision.message};
        case LimitedBy::Drain:
            return {ConditionStatus::True, "Draining", decision.message};
        default:
            break;
    }
    if (policy.spec.mode == api::ScalingMode::Observe) {
        return {ConditionStatus::True, "Observing", "the target's scale can be read"};
    }
    return {ConditionStatus::True, "ReadyForNewScale", "the target's scale can be set"};
}

Finding scaling_limited(const api::Decision& decision) {
    const char* reason = nullptr;
    switch (decision.limited_by) {
        case LimitedBy::MaxReplicas:
            reason = "TooManyReplicas";
            break;
        case LimitedBy::MinReplicas:
            reason = "TooFewReplicas";
            break;
        case LimitedBy::ScaleUpPolicy:
            reason = "ScaleUpLimit";
            break;
        case LimitedBy::ScaleDownPolicy:
            reason = "ScaleDownLimit";
            break;
        case LimitedBy::None:
        case LimitedBy::ScaleUpStabilization:
        case LimitedBy::ScaleDownStabilization:
        case LimitedBy::MissingMetrics:
        case LimitedBy::Freeze:
        case LimitedBy::Override:
        case LimitedBy::Pause:
        case LimitedBy::FlapBudget:
        case LimitedBy::GracePeriod:
        case LimitedBy::Drain:
            break;
    }
    if (reason == nullptr || decision.reason == DecisionReason::OutsideBounds) {
        return {ConditionStatus::False, "DesiredWithinRange",
                "what the metrics ask for is within the bounds and the rates"};
    }
    return {ConditionStatus::True, reason, decision.message};
}

Finding controlled(const api::Decision& decision) {
    if (decision.controls.empty()) {
        return {ConditionStatus::False, "NoControl", "nobody has set other bounds, or a stop"};
    }
    const api::ActiveControl& strongest = decision.controls.front();
    return {ConditionStatus::True, std::string(to_string(strongest.type)), control_text(strongest)};
}

/// Where metrics did not matter for the decision, the readings themselves tell.
Finding metrics_available(const api::ScalingPolicy& policy, const api::Observation& seen,
                          const api::Decision& decision) {
    const auto is_missing = [](const api::MetricOutcome& metric) {
        return metric.verdict == api::MetricVerdict::NoData;
    };
    const auto missing = std::ranges::find_if(decision.metrics, is_missing);
    if (missing != decision.metrics.end()) {
        return {ConditionStatus::False, missing->reason, missing->message};
    }
    for (std::size_t i = 0; decision.metrics.empty() && i < seen.metrics.size(); ++i) {
        const auto* error = std::get_if<api::MetricError>(&seen.metrics[i]);
        if (error != nullptr && i < policy.spec.metrics.size()) {
            return {ConditionStatus::False, error->reason,
                    fmt::format("{} has no data: {}", metric_name(policy.spec.metrics[i]),
                                error->message)};
        }
    }
    return {ConditionStatus::True, "AllMetricsAvailable", "every metric has fresh data"};
}

Condition condition(const char* type, Finding finding, const api::ScalingPolicy& policy,
                    TimePoint now) {
    if (finding.reason.empty()) {
        finding.reason = "Unknown";  // metav1.Condition wants one
    }
    return {.type = type,
            .status = finding.status,
            .observed_generation = policy.metadata.generation,
            .last_transition_time = now,
            .reason = std::move(finding.reason),
            .message = std::move(finding.message)};
}

}  // namespace

std::vector<Condition> conditions_for(const api::ScalingPolicy& policy,
                                      const api::Observation& seen, const api::Decision& decision,
                                      TimePoint now) {
    const Finding reconciling{ConditionStatus::False, "Reconciled", "nothing is left to do"};
    return {condition(kReady, ready(decision), policy, now),
            condition(kReconciling, reconciling, policy, now),
            condition(kStalled, stalled(decision), policy, now),
            condition(kScalingActive, scaling_active(decision), policy, now),
            condition(kAbleToScale, able_to_scale(policy, decision), policy, now),
            condition(kScalingLimited, scaling_limited(decision), policy, now),
            condition(kMetricsAvailable, metrics_available(policy, seen, decision), policy, now),
            condition(kControlled, controlled(decision), policy, now)};
}

std::vector<Condition> stalled_conditions(const api::ScalingPolicy& policy,
                                          const std::string& reason, const std::string& message,
                                          TimePoint now) {
    const Finding no{ConditionStatus::False, reason, message};
    const Finding yes{ConditionStatus::True, reason, message};
    const Finding unknown{ConditionStatus::Unknown, reason, message};
    return {condition(kReady, no, policy, now),
            condition(kReconciling, no, policy, now),
            condition(kStalled, yes, policy, now),
            condition(kScalingActive, no, policy, now),
            condition(kAbleToScale, no, policy, now),
            condition(kScalingLimited, unknown, policy, now),
            condition(kMetricsAvailable, unknown, policy, now),
            condition(kControlled, unknown, policy, now)};
}

}  // namespace chatflow::scaling
