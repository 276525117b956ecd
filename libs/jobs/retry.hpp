#pragma once

#include "libs/jobs/job.hpp"

#include <chrono>
#include <optional>

namespace chatflow::jobs {

/// How long after its attempt number `attempts_made` failed the job is tried again. `chance` is
/// from 0 to 1, and stands in for a random number.
[[nodiscard]] std::chrono::milliseconds backoff_delay(const Backoff& backoff,
                                                      std::uint32_t attempts_made, double chance);

/// After an attempt of `job` has failed: when to try again; nothing when no attempt is left.
[[nodiscard]] std::optional<std::chrono::milliseconds> next_attempt(const Job& job, double chance);

// A doubled delay never grows beyond this.
inline constexpr std::chrono::milliseconds kBackoffMax = std::chrono::hours(24 * 30);

}  // namespace chatflow::jobs
