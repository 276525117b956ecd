#include "controller/domain/scaling/limited_decision.hpp"

#include "controller/domain/scaling/limits.hpp"

#include <iterator>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::DecisionReason;
using api::LimitedBy;

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
        case LimitedBy::Freeze:
            return DecisionReason::Frozen;
        case LimitedBy::Override:
            return DecisionReason::Overridden;
        case LimitedBy::Pause:
            return DecisionReason::Paused;
        case LimitedBy::FlapBudget:
            return DecisionReason::FlapBudgetSpent;
        case LimitedBy::GracePeriod:
            return DecisionReason::GracePeriod;
        case LimitedBy::Drain:
            return DecisionReason::Draining;
        case LimitedBy::None:
            break;
    }
    return replicas > current   ? DecisionReason::AboveThreshold
           : replicas < current ? DecisionReason::BelowThreshold
                                : DecisionReason::WithinBand;
}

}  // namespace

void limit(api::Decision& decision, const Setting& now, std::int32_t wanted,
           std::optional<TimePoint> idle_since) {
    Limited limited = apply_limits(now.spec, now.seen, now.controls.bounds, wanted);
    const std::chrono::seconds grace{now.spec.scale_to_zero.grace_period_seconds};
    if (limited.replicas == 0 && now.current() > 0 && idle_since &&
        now.seen.now - *idle_since < grace) {
        limited = {1, LimitedBy::GracePeriod};
    }
    decision.uncapped = wanted;
    decision.replicas = limited.replicas;
    decision.limited_by = limited.by;
    decision.reason = reason_for(limited.by, limited.replicas, now.current());
    if (limited.by != LimitedBy::None) {
        fmt::format_to(std::back_inserter(decision.message), "; {} at {}",
                       limit_message(now.spec, now.controls.bounds, limited.by), limited.replicas);
    }
}

}  // namespace chatflow::scaling
