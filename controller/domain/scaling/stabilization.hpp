#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/domain/scaling/behavior.hpp"

#include <cstdint>
#include <vector>

namespace chatflow::scaling {

/// A count after one step, and what changed it there.
struct Limited {
    std::int32_t replicas = 0;
    api::LimitedBy by = api::LimitedBy::None;
    bool operator==(const Limited&) const = default;
};

/// Goes down only to the greatest and up only to the least recommendation younger than the window
/// of that direction; `wanted` is one of them. The result lies between `current` and `wanted`.
[[nodiscard]] Limited stabilize(std::int32_t current, std::int32_t wanted,
                                const std::vector<api::Recommendation>& past, TimePoint now,
                                const DirectionRules& up, const DirectionRules& down);

/// HPA without behavior: the greatest recommendation of the last 300 s, both ends included, even
/// where that is more than `current`.
[[nodiscard]] Limited stabilize_legacy(std::int32_t wanted,
                                       const std::vector<api::Recommendation>& past, TimePoint now);

inline constexpr std::chrono::seconds kLegacyWindow{300};

}  // namespace chatflow::scaling
