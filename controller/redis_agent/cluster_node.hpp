#pragma once

#include "controller/redis_agent/options.hpp"
#include "libs/base/log.hpp"

namespace chatflow::redis_agent {

/// A node of Redis Cluster becomes redis-server. One that was master and has kept no data waits
/// until a replica of it has taken over, which it would wipe otherwise. Throws when it cannot.
void start_cluster_node(const Options& options, const Log& log);

/// Before a node is stopped: if it is master, has its best replica take over.
void hand_over_in_cluster(const Options& options, const Log& log);

}  // namespace chatflow::redis_agent
