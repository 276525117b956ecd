#pragma once

#include "controller/domain/redis/objects.hpp"

#include <string>

namespace chatflow::redis_topology {

/// The claim that backups are kept in. It has no owner: it outlives the topology.
[[nodiscard]] DesiredObject backup_claim(const api::RedisTopology& topology);

/// The Job that makes one backup. `name`: of the backup; `from`: the pod it is taken from.
[[nodiscard]] DesiredObject backup_job(const api::RedisTopology& topology, const std::string& name,
                                       const std::string& request_id, const std::string& from,
                                       const std::string& image);

/// The claim of the first node, which the StatefulSet takes over as it is.
[[nodiscard]] DesiredObject first_data_claim(const api::RedisTopology& topology);

/// The Job that brings a backup into that claim.
[[nodiscard]] DesiredObject restore_job(const api::RedisTopology& topology,
                                        const std::string& image);

}  // namespace chatflow::redis_topology
