#include "controller/domain/scaling/rate_limits.hpp"

#include "controller/domain/scaling/replica_math.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace chatflow::scaling {
namespace {

std::int64_t change_since(const std::vector<api::ScaleEvent>& events, TimePoint start) {
    std::int64_t change = 0;
    for (const api::ScaleEvent& event : events) {
        if (event.at > start) {
            change = capped_sum(change, event.change);
        }
    }
    return change;
}

std::int32_t at_period_start(std::int32_t current, const api::ScalingHistory& history,
                             TimePoint start) {
    const std::int64_t added = change_since(history.scale_up_events, start);
    const std::int64_t removed = change_since(history.scale_down_events, start);
    return capped_to_int32(capped_sum(capped_sum(current, -added), removed));
}

/// Rounded up, so that a small percentage of few pods is not nothing for ever.
std::int32_t raised(std::int32_t from, const api::RatePolicy& policy, Rounding rounding) {
    if (policy.type == api::RateType::Pods) {
        return capped_to_int32(std::int64_t{from} + policy.value);
    }
    if (rounding == Rounding::Exact) {
        return scaled_up(from, std::int64_t{100} + policy.value, 100, rounding);
    }
    return ceil_to_replicas(from * (1 + static_cast<double>(policy.value) / 100));
}

std::int32_t lowered(std::int32_t from, const api::RatePolicy& policy, Rounding rounding) {
    if (policy.type == api::RateType::Pods) {
        return capped_to_int32(std::int64_t{from} - policy.value);
    }
    if (rounding == Rounding::Exact) {
        return capped_to_int32(from * (std::int64_t{100} - policy.value) / 100);
    }
    return static_cast<std::int32_t>(from * (1 - static_cast<double>(policy.value) / 100));
}

}  // namespace

std::int32_t scale_up_limit(std::int32_t current, const api::ScalingHistory& history, TimePoint now,
                            const DirectionRules& rules) {
    std::optional<std::int32_t> limit;
    if (rules.select == api::SelectPolicy::Disabled) {
        return current;
    }
    for (const api::RatePolicy& policy : rules.policies) {
        const TimePoint start = now - std::chrono::seconds{policy.period_seconds};
        const std::int32_t allowed =
            raised(at_period_start(current, history, start), policy, rules.rounding);
        const bool greater_change = rules.select == api::SelectPolicy::Max;
        limit = greater_change ? std::max(limit.value_or(allowed), allowed)
                               : std::min(limit.value_or(allowed), allowed);
    }
    return std::max(limit.value_or(current), current);
}

std::int32_t scale_down_limit(std::int32_t current, const api::ScalingHistory& history,
                              TimePoint now, const DirectionRules& rules) {
    std::optional<std::int32_t> limit;
    if (rules.select == api::SelectPolicy::Disabled) {
        return current;
    }
    for (const api::RatePolicy& policy : rules.policies) {
        const TimePoint start = now - std::chrono::seconds{policy.period_seconds};
        const std::int32_t allowed =
            lowered(at_period_start(current, history, start), policy, rules.rounding);
        const bool greater_change = rules.select == api::SelectPolicy::Max;
        limit = greater_change ? std::min(limit.value_or(allowed), allowed)
                               : std::max(limit.value_or(allowed), allowed);
    }
    return std::min(limit.value_or(current), current);
}

std::int32_t legacy_scale_up_limit(std::int32_t current) {
    return capped_to_int32(std::max<std::int64_t>(std::int64_t{current} * 2, 4));
}

}  // namespace chatflow::scaling
