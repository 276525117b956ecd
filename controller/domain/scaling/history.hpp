#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace chatflow::scaling {

/// Whether the decided replicas were written to the target (never in mode Observe).
enum class Applied { No, Yes };

// A status is written when it tells something new, and at least this often.
inline constexpr std::chrono::seconds kStatusWriteInterval{60};

// Of all policies together, where nothing has happened that somebody waits for.
inline constexpr std::size_t kStatusWritesPerSecond = 20;

/// kStatusWriteInterval, or longer where that many policies would write more often than that.
[[nodiscard]] std::chrono::seconds status_write_interval(std::size_t policies);

// A leader that is killed is followed by another within this time.
inline constexpr std::chrono::seconds kTakeover{30};

// So that the status stays small; they are reached only by hours of uninterrupted change.
inline constexpr std::size_t kRecommendationsMax = 32;
inline constexpr std::size_t kScaleEventsMax = 32;          // per direction
inline constexpr std::ptrdiff_t kDirectionChangesMax = 32;  // no budget is greater

/// The history to decide with: where there is none yet, what exists is taken for recommended now,
/// so that a new policy does not scale down before a full window has been seen.
[[nodiscard]] api::ScalingHistory starting_history(api::ScalingHistory history,
                                                   std::int32_t replicas, TimePoint now);

/// How old a status may get while there is a controller: the interval of its writes, two periods,
/// and a leader that is killed. What is older was left alone in between.
[[nodiscard]] std::chrono::seconds longest_silence(const api::ScalingPolicySpec& spec);

/// The history to go on with from a status that another process wrote, at `written`. What happened
/// since is not known, so it holds back longer, never less long, than if nobody had been away:
/// after a short silence what was recommended last is taken for recommended now (had it risen, the
/// status would have been written); after a long one, what exists.
[[nodiscard]] api::ScalingHistory resumed_history(api::ScalingHistory history,
                                                  const api::ScalingPolicySpec& spec,
                                                  std::optional<TimePoint> written,
                                                  std::int32_t replicas, TimePoint now);

/// A scale that was written and not told of, as the leader died or had no answer: replicas that are
/// not those which were `told` count as changed now, so that no rate is exceeded, and a batch of
/// spec.drain that went is not taken for one that is still to go.
[[nodiscard]] api::ScalingHistory with_untold_change(api::ScalingHistory history,
                                                     const api::ScalingPolicySpec& spec,
                                                     std::int32_t told, std::int32_t replicas,
                                                     TimePoint now);

/// How far the wall clock was stepped between two looks at it and at the steady clock, which nobody
/// steps. Nothing below a second: that is drift, or the time between the two readings.
[[nodiscard]] std::chrono::microseconds clock_step(
    std::chrono::microseconds by_wall_clock, std::chrono::steady_clock::duration by_steady_clock);

/// The history as it would read had the wall clock always shown what it shows since it was stepped:
/// a window or a period neither ends early by that nor lasts longer.
[[nodiscard]] api::ScalingHistory after_clock_step(api::ScalingHistory history,
                                                   std::chrono::microseconds step);

/// What the next decision has to know: with this recommendation and, where `applied`, this change;
/// without what can no longer make a difference. A recommendation is kept only while it may still
/// be the greatest or the least of a window. Beyond the bounds, the two most alike become one that
/// holds back at least as much.
[[nodiscard]] api::ScalingHistory advance(const api::ScalingHistory& history,
                                          const api::ScalingPolicySpec& spec,
                                          const api::Observation& seen,
                                          const api::Decision& decision, Applied applied);

}  // namespace chatflow::scaling
