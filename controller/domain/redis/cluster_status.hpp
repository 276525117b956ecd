#pragma once

#include "controller/domain/redis/cluster_plan.hpp"
#include "controller/domain/redis/status.hpp"

namespace chatflow::redis_topology {

/// The status of a topology of mode Cluster that follows from what was seen.
[[nodiscard]] api::RedisTopologyStatus next_cluster_status(const api::RedisTopology& topology,
                                                           const Observed& seen,
                                                           const ClusterPlan& plan,
                                                           const Outcome& outcome);

}  // namespace chatflow::redis_topology
