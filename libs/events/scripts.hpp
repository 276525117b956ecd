#pragma once

#include "libs/redis/script.hpp"

namespace chatflow::events {

/// What must happen wholly or not at all. Each returns 0 when another consumer was faster.

/// Takes an entry from its group's pending list and keeps it for later.
/// KEYS stream, retries, retry_data · ARGV group, id, member, delay ms, failed JSON
[[nodiscard]] const redis::Script& postpone_script();

/// Puts a retry back for another attempt. KEYS retries, retry_data
/// ARGV member, the due time that was given with it, delay ms, failed JSON
[[nodiscard]] const redis::Script& postpone_again_script();

/// Retries that are due, leased for `lease` so that a consumer that dies gives them back.
/// KEYS retries, retry_data · ARGV lease ms, count
/// Returns [member, new due time, failed JSON, …].
[[nodiscard]] const redis::Script& take_due_script();

/// A retry has been handled. KEYS retries, retry_data · ARGV member, due time given with it
[[nodiscard]] const redis::Script& finish_retry_script();

/// To the dead letters, from the pending list (`due` is "") or from the retries.
/// KEYS stream, retries, retry_data, dead · ARGV group, id, member, due, length max, failed JSON
[[nodiscard]] const redis::Script& bury_script();

/// The oldest dead letters become retries that are due now, with all attempts before them.
/// KEYS retries, retry_data, dead · ARGV count. Returns how many.
[[nodiscard]] const redis::Script& redrive_script();

}  // namespace chatflow::events
