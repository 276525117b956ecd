#include "controller/domain/scaling/behavior.hpp"

#include "controller/domain/scaling/thresholds.hpp"

#include <algorithm>
#include <array>

namespace chatflow::scaling {
namespace {

using api::RatePolicy;
using api::RateType;

constexpr std::array kUpPolicies{RatePolicy{RateType::Pods, 4, 15},
                                 RatePolicy{RateType::Percent, 100, 15}};
constexpr std::array kDownPolicies{RatePolicy{RateType::Percent, 100, 15}};
constexpr std::int32_t kUpWindowSeconds = 0;
constexpr std::int32_t kDownWindowSeconds = 300;

DirectionRules with_defaults(const api::ScalingPolicySpec& spec,
                             const std::optional<api::ScalingRules>& rules,
                             std::int32_t window_seconds, std::span<const RatePolicy> policies) {
    DirectionRules result;
    result.window = std::chrono::seconds{window_seconds};
    result.policies = policies;
    result.rounding = rounding_of(spec);
    if (rules) {
        result.window =
            std::chrono::seconds{rules->stabilization_window_seconds.value_or(window_seconds)};
        result.select = rules->select_policy.value_or(api::SelectPolicy::Max);
        if (!rules->policies.empty()) {
            result.policies = rules->policies;
        }
    }
    return result;
}

}  // namespace

DirectionRules scale_up_rules(const api::ScalingPolicySpec& spec) {
    static const std::optional<api::ScalingRules> kNone;
    return with_defaults(spec, spec.behavior ? spec.behavior->scale_up : kNone, kUpWindowSeconds,
                         kUpPolicies);
}

DirectionRules scale_down_rules(const api::ScalingPolicySpec& spec) {
    static const std::optional<api::ScalingRules> kNone;
    return with_defaults(spec, spec.behavior ? spec.behavior->scale_down : kNone,
                         kDownWindowSeconds, kDownPolicies);
}

bool has_legacy_behavior(const api::ScalingPolicySpec& spec) {
    return spec.compatibility == api::Compatibility::AutoscalingV2 && !spec.behavior;
}

std::chrono::seconds flap_period(const api::ScalingPolicySpec& spec) {
    return std::chrono::seconds{spec.flap_budget.value_or(api::FlapBudget{}).period_seconds};
}

std::chrono::seconds longest_period(const api::ScalingPolicySpec& spec) {
    std::int32_t longest = 0;
    for (const auto& policies : {scale_up_rules(spec).policies, scale_down_rules(spec).policies}) {
        for (const RatePolicy& policy : policies) {
            longest = std::max(longest, policy.period_seconds);
        }
    }
    return std::chrono::seconds{longest};
}

}  // namespace chatflow::scaling
