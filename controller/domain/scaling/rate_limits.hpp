#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/domain/scaling/behavior.hpp"

#include <cstdint>

namespace chatflow::scaling {

/// The most replicas that the policies of the upward direction allow now, never under `current`.
/// A period starts with what there is now less what was added in it, plus what was removed.
[[nodiscard]] std::int32_t scale_up_limit(std::int32_t current, const api::ScalingHistory& history,
                                          TimePoint now, const DirectionRules& rules);

/// The fewest that the policies of the downward direction allow now, never over `current`.
[[nodiscard]] std::int32_t scale_down_limit(std::int32_t current,
                                            const api::ScalingHistory& history, TimePoint now,
                                            const DirectionRules& rules);

/// HPA without behavior: twice what there is, and 4 at least.
[[nodiscard]] std::int32_t legacy_scale_up_limit(std::int32_t current);

}  // namespace chatflow::scaling
