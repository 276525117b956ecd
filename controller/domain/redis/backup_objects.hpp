#pragma once

#include "controller/domain/redis/objects.hpp"
#include "controller/domain/redis/restore.hpp"

#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// The claim that backups are kept in. It has no owner: it outlives the topology.
[[nodiscard]] DesiredObject backup_claim(const api::RedisTopology& topology);

/// The Job that makes one backup. `name`: of the backup; `from`: the pods it is taken from, one for
/// each shard.
[[nodiscard]] DesiredObject backup_job(const api::RedisTopology& topology, const std::string& name,
                                       const std::string& request_id,
                                       const std::vector<std::string>& from,
                                       const std::string& image);

/// The claim of a shard's first node, which the StatefulSet takes over as it is.
[[nodiscard]] DesiredObject first_data_claim(const api::RedisTopology& topology, int shard);

/// The Job that brings a shard's part of a backup into that claim.
[[nodiscard]] DesiredObject restore_job(const api::RedisTopology& topology, const FirstData& data,
                                        const std::string& image);

}  // namespace chatflow::redis_topology
