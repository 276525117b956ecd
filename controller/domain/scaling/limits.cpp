#include "controller/domain/scaling/limits.hpp"

#include "controller/domain/scaling/behavior.hpp"
#include "controller/domain/scaling/controls.hpp"
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
Limited bound(const api::ReplicaBounds& bounds, std::int32_t wanted, Limited rated) {
    if (rated.replicas > bounds.max || (rated.replicas == bounds.max && wanted > bounds.max)) {
        return {bounds.max, LimitedBy::MaxReplicas};
    }
    if (rated.replicas < bounds.min || (rated.replicas == bounds.min && wanted < bounds.min)) {
        return {bounds.min, LimitedBy::MinReplicas};
    }
    return rated;
}

/// Pods are never kept from coming; they go a little later.
Limited spend_budget(const api::ScalingPolicySpec& spec, const api::Observation& seen,
                     Limited bounded) {
    const bool turns_down =
        bounded.replicas < seen.replicas.spec && seen.history.direction == api::ScaleDirection::Up;
    if (!spec.flap_budget || !turns_down) return bounded;
    return recent_turns(spec, seen.history, seen.now) >= spec.flap_budget->max_direction_changes
               ? Limited{seen.replicas.spec, LimitedBy::FlapBudget}
               : bounded;
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
                     const api::ReplicaBounds& bounds, std::int32_t wanted) {
    const Limited stabilized =
        has_legacy_behavior(spec)
            ? stabilize_legacy(wanted, seen.history.recommendations, seen.now)
            : stabilize(seen.replicas.spec, wanted, seen.history.recommendations, seen.now,
                        scale_up_rules(spec), scale_down_rules(spec));
    return spend_budget(spec, seen,
                        bound(bounds, stabilized.replicas, limit_rate(spec, seen, stabilized)));
}

std::string bound_name(std::int32_t own, std::int32_t in_force, std::string_view name) {
    return fmt::format("{}{}", name, own == in_force ? "" : " of a schedule");
}

std::int32_t recent_turns(const api::ScalingPolicySpec& spec, const api::ScalingHistory& history,
                          TimePoint now) {
    const TimePoint start = now - flap_period(spec);
    return static_cast<std::int32_t>(std::ranges::count_if(
        history.direction_changes, [&](const auto& change) { return change.at > start; }));
}

std::string limit_message(const api::ScalingPolicySpec& spec, const api::ReplicaBounds& bounds,
                          LimitedBy by) {
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
            return fmt::format("kept at {} ({})",
                               bound_name(spec.min_replicas, bounds.min, "minReplicas"),
                               bounds.min);
        case LimitedBy::MaxReplicas:
            return fmt::format("cut at {} ({})",
                               bound_name(spec.max_replicas, bounds.max, "maxReplicas"),
                               bounds.max);
        case LimitedBy::MissingMetrics:
            return "held because a metric has no data";
        case LimitedBy::FlapBudget:
            return fmt::format("held by the flap budget of {} direction changes per {} s",
                               spec.flap_budget.value_or(api::FlapBudget{}).max_direction_changes,
                               flap_period(spec).count());
        case LimitedBy::GracePeriod:
            return fmt::format("held by the grace period of {} s",
                               spec.scale_to_zero.grace_period_seconds);
        case LimitedBy::Drain:
            return "held until connections have ended (spec.drain)";
        case LimitedBy::Freeze:
        case LimitedBy::Override:
        case LimitedBy::Pause:
            break;
    }
    return {};
}

std::string limit_message(const api::ScalingPolicySpec& spec, const api::Decision& decision) {
    using enum api::ControlType;
    for (const api::ActiveControl& control : decision.controls) {
        const bool is_it =
            (decision.limited_by == LimitedBy::Freeze && control.type == Freeze) ||
            (decision.limited_by == LimitedBy::Override && control.type == Override) ||
            (decision.limited_by == LimitedBy::Pause &&
             control.type ==
                 (decision.replicas < decision.uncapped ? PauseScaleUp : PauseScaleDown));
        if (is_it) return control_text(control);
    }
    const api::ReplicaBounds own{spec.min_replicas, spec.max_replicas};
    return limit_message(spec, decision.bounds.value_or(own), decision.limited_by);
}

}  // namespace chatflow::scaling
