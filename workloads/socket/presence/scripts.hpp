#pragma once

#include "libs/redis/script.hpp"

namespace chatflow::socket {

/// KEYS online:<user>, announced · ARGV member, replaces, limit, seconds to live, what to tell,
/// then the pods that have died. Returns 1, or 0 when the user has no place left.
[[nodiscard]] const redis::Script& connect_script();

/// KEYS online:<user>, announced · ARGV what to tell, then the pods that have died. Returns 1 when
/// the user is offline now and has been said to be.
[[nodiscard]] const redis::Script& offline_script();

/// KEYS pods · ARGV pod, lease ms, forgotten after ms. Returns whether the pod's lease had held
/// (1, 0), then the pods whose lease has run out.
[[nodiscard]] const redis::Script& beat_script();

/// KEYS users that may be offline, by when · ARGV count. Takes those that are due.
[[nodiscard]] const redis::Script& take_due_script();

}  // namespace chatflow::socket
