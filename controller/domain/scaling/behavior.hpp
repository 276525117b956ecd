#pragma once

#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/replica_math.hpp"

#include <chrono>
#include <span>

namespace chatflow::scaling {

/// The rules of one direction with HPA's defaults filled in. Refers to the spec.
struct DirectionRules {
    std::chrono::seconds window{0};
    api::SelectPolicy select = api::SelectPolicy::Max;
    std::span<const api::RatePolicy> policies;
    Rounding rounding = Rounding::Exact;
};

/// Default: no window, the greater of 4 pods and 100 % per 15 s.
[[nodiscard]] DirectionRules scale_up_rules(const api::ScalingPolicySpec& spec);

/// Default: a window of 300 s, 100 % per 15 s.
[[nodiscard]] DirectionRules scale_down_rules(const api::ScalingPolicySpec& spec);

/// HPA without spec.behavior: a downscale window of 300 s and at most max(2 × current, 4) at once.
[[nodiscard]] bool has_legacy_behavior(const api::ScalingPolicySpec& spec);

/// The period of the flap budget; an hour where there is none.
[[nodiscard]] std::chrono::seconds flap_period(const api::ScalingPolicySpec& spec);

/// The longest period of a rate policy of either direction.
[[nodiscard]] std::chrono::seconds longest_period(const api::ScalingPolicySpec& spec);

}  // namespace chatflow::scaling
