#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/redis/options.hpp"

namespace chatflow::redis {

/// Where the Sentinels at `options.seeds` say that the master is; the first that answers counts.
/// Throws Unavailable when none does or none knows the set.
[[nodiscard]] awaitable<Address> find_master(Options options, Deadline deadline);

/// Ends when a Sentinel announces another master than `master` (+switch-master) or names one when
/// asked, which happens each `options.ping_interval`: an announcement may be missed.
[[nodiscard]] awaitable<void> wait_for_switch(Options options, Address master);

}  // namespace chatflow::redis
