#pragma once

#include "libs/redis/script.hpp"

#include <string>
#include <string_view>

namespace chatflow::jobs {

/// What happens to a queue wholly or not at all. KEYS[1] of each is QueueKeys::base(); the scripts
/// make the queue's other keys from it, which are on the same node. Times are in milliseconds.

/// Reports finished jobs and takes new ones, in this order.
/// ARGV now, lock ms, token, worker name, count to take, limiter max or "", limiter ms, then for
/// each finished job kOutcomeFields values: see OutcomeFields.
/// Returns [[code of each finished job], [id, hash fields, …], next delayed job's time or 0,
/// milliseconds until the rate limit allows more].
[[nodiscard]] const redis::Script& work_script();
inline constexpr std::size_t kOutcomeFields = 13;

/// ARGV lock ms, then id and token of each job. Returns the ids whose lock is not ours any more.
[[nodiscard]] const redis::Script& renew_script();

/// Gives jobs whose worker vanished to others. ARGV now, ms between two checks, stalls allowed.
/// Returns [ids given back, ids that stalled too often].
[[nodiscard]] const redis::Script& stalled_script();

/// ARGV now, then for each job kAddFields values. Returns the ids.
[[nodiscard]] const redis::Script& add_script();
inline constexpr std::size_t kAddFields = 14;

/// ARGV id, JSON. 0 when there is no such job.
[[nodiscard]] const redis::Script& progress_script();

/// ARGV id, line, lines kept (0: all). How many there are; -1 when there is no such job.
[[nodiscard]] const redis::Script& log_script();

/// Failed jobs, the oldest first, wait once more with all their attempts. ARGV now, count, id or
/// "" for any. Returns how many.
[[nodiscard]] const redis::Script& redrive_script();

/// ARGV "1" or "0". Returns whether that changed anything.
[[nodiscard]] const redis::Script& pause_script();

/// A job that has not begun is taken out. ARGV id. 1 when it was, 0 when there is none or it runs.
[[nodiscard]] const redis::Script& remove_script();

/// ARGV now. [wait, active, delayed, prioritized, completed, failed, waiting-children, paused,
/// time of the oldest that waits or 0]
[[nodiscard]] const redis::Script& state_script();

/// Writes a job scheduler and its first job, in the place of an older one.
/// ARGV now, scheduler id, time of the first job, name, data, options, job options, every, pattern,
/// time zone, limit, end, offset. Returns the job's id.
[[nodiscard]] const redis::Script& upsert_scheduler_script();

/// The next job of a scheduler, once. ARGV now, scheduler id, id of the job that runs, time of the
/// next, job options. Returns the job's id, or "" when there is nothing to do.
[[nodiscard]] const redis::Script& advance_scheduler_script();

/// ARGV scheduler id. 1, or 0 when there is none.
[[nodiscard]] const redis::Script& remove_scheduler_script();

/// What the scripts share; written before each of them.
extern const std::string_view kCommonLua;
[[nodiscard]] redis::Script script_of(std::string_view body);

}  // namespace chatflow::jobs
