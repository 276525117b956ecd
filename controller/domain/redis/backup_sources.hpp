#pragma once

#include "controller/domain/redis/plan.hpp"

#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// The pods that a backup is taken from now, one for each shard in order (mode Replication has
/// one): a replica in sync, best the highest, which is never master; the master where there is
/// none. Empty while a shard has neither, or slots are on their way: a key would be in two
/// snapshots, or in none.
[[nodiscard]] std::vector<std::string> backup_sources(const api::RedisTopology& topology,
                                                      const Observed& seen);

}  // namespace chatflow::redis_topology
