#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"

#include <cstddef>
#include <cstdint>

namespace chatflow::scaling {

/// Whether the decided replicas were written to the target (never in mode Observe).
enum class Applied { No, Yes };

// So that the status stays small; both are reached only by hours of uninterrupted change.
inline constexpr std::size_t kRecommendationsMax = 32;
inline constexpr std::size_t kScaleEventsMax = 32;  // per direction

/// The history to decide with: where there is none yet, what exists is taken for recommended now,
/// so that a new policy does not scale down before a full window has been seen.
[[nodiscard]] api::ScalingHistory starting_history(api::ScalingHistory history,
                                                   std::int32_t replicas, TimePoint now);

/// What the next decision has to know: with this recommendation and, where `applied`, this change;
/// without what can no longer make a difference. A recommendation is kept only while it may still
/// be the greatest or the least of a window. Beyond the bounds, the two most alike become one that
/// holds back at least as much.
[[nodiscard]] api::ScalingHistory advance(const api::ScalingHistory& history,
                                          const api::ScalingPolicySpec& spec,
                                          const api::Observation& seen,
                                          const api::Decision& decision, Applied applied);

}  // namespace chatflow::scaling
