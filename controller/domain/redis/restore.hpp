#pragma once

#include "controller/domain/redis/status.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// The first node of a shard that is to begin with a backup's data; of mode Replication shard 0.
struct FirstData {
    int shard = 0;
    std::string backup;  // empty: the newest
    bool operator==(const FirstData&) const = default;
};

/// The Jobs that are missing now. Pure. Shard 0 is the first, since its Job tells which backup was
/// the newest: all other shards get the same one.
[[nodiscard]] std::vector<FirstData> missing_first_data(const api::RedisTopology& topology,
                                                        const Observed& seen);

/// Whether data nodes may be made: not while the first data is still to be brought.
[[nodiscard]] bool may_have_nodes(const api::RedisTopology& topology, const Observed& seen);

/// The condition Restored; nothing without spec.bootstrap.
[[nodiscard]] std::optional<Verdict> restored(const api::RedisTopology& topology,
                                              const Observed& seen);

}  // namespace chatflow::redis_topology
