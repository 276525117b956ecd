#pragma once

#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/replica_math.hpp"

#include <cstdint>
#include <optional>

namespace chatflow::scaling {

/// How far level / aim may be from 1 before anything happens; both ends inclusive.
struct ToleranceRange {
    std::int64_t least_milli = 900;  // 1 - scaleDown
    std::int64_t most_milli = 1100;  // 1 + scaleUp
    Rounding rounding = Rounding::Exact;

    /// `aim` is 0 for an average over no pods: nothing is near that.
    [[nodiscard]] bool contains(std::int64_t level, std::int64_t aim) const;
};

/// The policy's tolerance; spec.behavior.*.tolerance, as in autoscaling/v2, goes first.
[[nodiscard]] ToleranceRange tolerance_of(const api::ScalingPolicySpec& spec);

/// HPA's to the letter, or ours.
[[nodiscard]] inline Rounding rounding_of(const api::ScalingPolicySpec& spec) {
    return spec.compatibility == api::Compatibility::AutoscalingV2 ? Rounding::FloatingPoint
                                                                   : Rounding::Exact;
}

/// When a measured level acts and what it aims at: percent of the requests, or milli-values per
/// pod. Made of a band, or of a target with its tolerance.
struct Thresholds {
    std::int64_t aim = 0;  // above 0
    ToleranceRange tolerance;
    std::optional<api::UtilizationBand> band = std::nullopt;
    bool rebalances = false;  // go to the aim although nothing would have to happen

    /// Above 1 there is too much load, below 1 too little.
    [[nodiscard]] double ratio(std::int64_t level) const {
        return static_cast<double>(level) / static_cast<double>(aim);
    }

    /// Whether `level` is where nothing happens.
    [[nodiscard]] bool hold(std::int64_t level) const {
        if (rebalances) return level == aim;
        return band ? band->scale_down_below <= level && level <= band->scale_up_above
                    : tolerance.contains(level, aim);
    }

    /// How many pods bring `level`, measured over `pods`, to the aim.
    [[nodiscard]] std::int32_t replicas_for(std::int64_t level, std::int64_t pods) const {
        return scaled_up(pods, level, aim, tolerance.rounding);
    }
};

}  // namespace chatflow::scaling
