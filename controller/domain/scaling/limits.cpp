#include "controller/domain/scaling/limits.hpp"

#include "controller/domain/scaling/behavior.hpp"
#include "controller/domain/scaling/rate_limits.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::LimitedBy;

Limited limit_rate(const api::ScalingPolicySpec& spec, const api::Observation& seen,
                   Limited wanted) {
    const std::int32_t current = seen.replicas.spec;
    if (has_legacy_behavior(spec)) {
        const std::int32_t most = legacy_scale_up_limit(current);
        return wanted.replicas > most ? Limited{most, LimitedBy::ScaleUpPolicy} : wanted;
    }
    if (wanted.replicas > current) {
        const auto most = scale_up_limit(current, seen.history, seen.now, scale_up_rules(spec));
        return wanted.replicas > most ? Limited{most, LimitedBy::ScaleUpPolicy} : wanted;
    }
    if (wanted.replicas < current) {
        const auto least =
            scale_down_limit(current, seen.history, seen.now, scale_down_rules(spec));
        return wanted.replicas < least ? Limited{least, LimitedBy::ScaleDownPolicy} : wanted;
    }
    return wanted;
}

/// A bound that lies where a policy also cuts is the one to name: waiting would not help.
Limited bound(const api::ScalingPolicySpec& spec, std::int32_t wanted, Limited rated) {
    if (rated.replicas > spec.max_replicas ||
        (rated.replicas == spec.max_replicas && wanted > spec.max_replicas)) {
        return {spec.max_replicas, LimitedBy::MaxReplicas};
    }
    if (rated.replicas < spec.min_replicas ||
        (rated.replicas == spec.min_replicas && wanted < spec.min_replicas)) {
        return {spec.min_replicas, LimitedBy::MinReplicas};
    }
    return rated;
}

std::string window_text(const char* direction, std::chrono::seconds window) {
    return fmt::format("held by the {} window of {} s", direction, window.count());
}

std::string policies_text(const char* direction, const DirectionRules& rules) {
    if (rules.select == api::SelectPolicy::Disabled) {
        return fmt::format("{} is disabled by spec.behavior", direction);
    }
    std::string text = fmt::format("cut by the {} policy of ", direction);
    bool is_first = true;
    for (const api::RatePolicy& policy : rules.policies) {
        const char* separator = rules.select == api::SelectPolicy::Max ? " or " : " and ";
        fmt::format_to(std::back_inserter(text), "{}{} {} per {} s", is_first ? "" : separator,
                       policy.value, policy.type == api::RateType::Pods ? "pods" : "%",
                       policy.period_seconds);
        is_first = false;
    }
    return text;
}

}  // namespace

Limited apply_limits(const api::ScalingPolicySpec& spec, const api::Observation& seen,
                     std::int32_t wanted) {
    const Limited stabilized =
        has_legacy_behavior(spec)
            ? stabilize_legacy(wanted, seen.history.recommendations, seen.now)
            : stabilize(seen.replicas.spec, wanted, seen.history.recommendations, seen.now,
                        scale_up_rules(spec), scale_down_rules(spec));
    return bound(spec, stabilized.replicas, limit_rate(spec, seen, stabilized));
}

std::string limit_message(const api::ScalingPolicySpec& spec, LimitedBy by) {
    switch (by) {
        case LimitedBy::None:
            return {};
        case LimitedBy::ScaleUpStabilization:
            return window_text("scale-up", scale_up_rules(spec).window);
        case LimitedBy::ScaleDownStabilization:
            return window_text("scale-down", scale_down_rules(spec).window);
        case LimitedBy::ScaleUpPolicy:
            return has_legacy_behavior(spec) ? "cut at the greater of 4 and twice the replicas"
                                             : policies_text("scale-up", scale_up_rules(spec));
        case LimitedBy::ScaleDownPolicy:
            return policies_text("scale-down", scale_down_rules(spec));
        case LimitedBy::MinReplicas:
            return fmt::format("kept at minReplicas ({})", spec.min_replicas);
        case LimitedBy::MaxReplicas:
            return fmt::format("cut at maxReplicas ({})", spec.max_replicas);
        case LimitedBy::MissingMetrics:
            return "held because a metric has no data";
    }
    return {};
}

}  // namespace chatflow::scaling
