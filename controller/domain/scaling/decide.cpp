#include "controller/domain/scaling/decide.hpp"

#include "controller/domain/scaling/limits.hpp"
#include "controller/domain/scaling/metric_evaluation.hpp"
#include "controller/domain/scaling/metric_message.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::Decision;
using api::DecisionReason;
using api::LimitedBy;
using api::MetricOutcome;
using api::MetricVerdict;

/// What the metrics ask for together.
struct Demand {
    std::optional<std::size_t> greatest;       // index of the metric that decides
    std::optional<std::size_t> first_missing;  // index of the first without data
};

Decision settled(std::int32_t replicas, DecisionReason reason, LimitedBy by, std::string message) {
    Decision decision;
    decision.replicas = replicas;
    decision.uncapped = replicas;
    decision.reason = reason;
    decision.limited_by = by;
    decision.message = std::move(message);
    return decision;
}

/// Where the replicas follow from the bounds alone.
std::optional<Decision> settle_without_metrics(const api::ScalingPolicySpec& spec,
                                               std::int32_t current) {
    if (current == 0 && spec.min_replicas != 0) {
        return settled(0, DecisionReason::ScalingDisabled, LimitedBy::None,
                       "the target has 0 replicas: scaling is disabled until someone sets more");
    }
    if (current > spec.max_replicas) {
        return settled(spec.max_replicas, DecisionReason::OutsideBounds, LimitedBy::MaxReplicas,
                       fmt::format("{} → {}: there were more than maxReplicas", current,
                                   pods_text(spec.max_replicas)));
    }
    if (current < spec.min_replicas) {
        return settled(spec.min_replicas, DecisionReason::OutsideBounds, LimitedBy::MinReplicas,
                       fmt::format("{} → {}: there were fewer than minReplicas", current,
                                   pods_text(spec.min_replicas)));
    }
    return std::nullopt;
}

Demand demand_of(const std::vector<MetricOutcome>& metrics) {
    Demand demand;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        if (!metrics[i].proposal) {
            demand.first_missing = demand.first_missing.value_or(i);
        } else if (!demand.greatest || *metrics[i].proposal > *metrics[*demand.greatest].proposal) {
            demand.greatest = i;
        }
    }
    return demand;
}

DecisionReason reason_for(LimitedBy by, std::int32_t replicas, std::int32_t current) {
    switch (by) {
        case LimitedBy::ScaleUpStabilization:
        case LimitedBy::ScaleDownStabilization:
            return DecisionReason::Stabilizing;
        case LimitedBy::ScaleUpPolicy:
        case LimitedBy::ScaleDownPolicy:
            return DecisionReason::RateLimited;
        case LimitedBy::MinReplicas:
            return DecisionReason::AtMinimum;
        case LimitedBy::MaxReplicas:
            return DecisionReason::AtMaximum;
        case LimitedBy::MissingMetrics:
            return DecisionReason::MetricUnavailable;
        case LimitedBy::None:
            break;
    }
    return replicas > current   ? DecisionReason::AboveThreshold
           : replicas < current ? DecisionReason::BelowThreshold
                                : DecisionReason::WithinBand;
}

/// Carries `wanted` through stabilization, policies and bounds.
void limit(Decision& decision, const api::ScalingPolicySpec& spec, const api::Observation& seen,
           std::int32_t wanted) {
    const Limited limited = apply_limits(spec, seen, wanted);
    decision.uncapped = wanted;
    decision.replicas = limited.replicas;
    decision.limited_by = limited.by;
    decision.reason = reason_for(limited.by, limited.replicas, seen.replicas.spec);
    if (limited.by != LimitedBy::None) {
        fmt::format_to(std::back_inserter(decision.message), "; {} at {}",
                       limit_message(spec, limited.by), limited.replicas);
    }
}

/// onMissingMetrics: Fallback, once the data have been missing for longer than maxHoldSeconds.
std::optional<std::int32_t> due_fallback(const api::ScalingPolicySpec& spec,
                                         const api::Observation& seen) {
    const api::OnMissingMetrics& rule = spec.on_missing_metrics;
    if (rule.policy != api::MissingMetricsPolicy::Fallback || !rule.fallback_replicas ||
        !seen.metrics_missing_since) {
        return std::nullopt;
    }
    const bool is_due =
        seen.now - *seen.metrics_missing_since >= std::chrono::seconds{rule.max_hold_seconds};
    return is_due ? rule.fallback_replicas : std::nullopt;
}

void fall_back(Decision& decision, const api::ScalingPolicySpec& spec, const api::Observation& seen,
               std::int32_t replicas) {
    fmt::format_to(std::back_inserter(decision.message), "; for more than {} s: {} → {}",
                   spec.on_missing_metrics.max_hold_seconds, seen.replicas.spec,
                   pods_text(replicas));
    limit(decision, spec, seen, replicas);
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

Decision decide_by_metrics(const api::ScalingPolicySpec& spec, const api::Observation& seen) {
    Decision decision;
    decision.metrics.reserve(spec.metrics.size());
    for (std::size_t i = 0; i < spec.metrics.size(); ++i) {
        decision.metrics.push_back(evaluate_metric(spec, seen, i));
    }
    const std::int32_t current = seen.replicas.spec;
    const Demand demand = demand_of(decision.metrics);
    if (demand.greatest) {
        decision.uncapped = *decision.metrics[*demand.greatest].proposal;
    } else {
        decision.uncapped = current;
    }
    if (!demand.first_missing && demand.greatest) {
        const MetricOutcome& greatest = decision.metrics[*demand.greatest];
        decision.message = greatest.message;
        limit(decision, spec, seen, decision.uncapped);
        if (decision.reason == DecisionReason::WithinBand && greatest.reason == kAwaitingPods) {
            decision.reason = DecisionReason::AwaitingPods;
        }
        return decision;
    }
    if (!demand.first_missing) {
        decision.message = "the policy has no metrics";
        limit(decision, spec, seen, current);
        return decision;
    }

    const MetricOutcome& missing = decision.metrics[*demand.first_missing];
    const auto fallback = due_fallback(spec, seen);
    if (fallback && *fallback > std::max(decision.uncapped, current)) {
        decision.message = missing.message;
        fall_back(decision, spec, seen, *fallback);
    } else if (demand.greatest && decision.uncapped >= current) {
        decision.message = decision.metrics[*demand.greatest].message;
        limit(decision, spec, seen, decision.uncapped);
    } else {
        decision.message = missing.message;
        hold(decision, missing, current);
    }
    return decision;
}

}  // namespace

Decision decide(const api::ScalingPolicySpec& spec, const api::Observation& seen) {
    const std::int32_t current = seen.replicas.spec;
    if (seen.proposal) {
        Decision decision;
        decision.message = fmt::format("the proposal is {}", pods_text(*seen.proposal));
        limit(decision, spec, seen, *seen.proposal);
        return decision;
    }
    if (auto decision = settle_without_metrics(spec, current)) {
        return *std::move(decision);
    }
    return decide_by_metrics(spec, seen);
}

}  // namespace chatflow::scaling
