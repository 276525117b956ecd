#pragma once

#include "controller/redis_agent/options.hpp"
#include "libs/base/log.hpp"

namespace chatflow::redis_agent {

/// Copies the data set of each node in `nodes`, one for every shard, as it is when the copy begins,
/// to the BackupVolume in `folder`: by the protocol of replicas, so that the node makes the
/// snapshot and its volume is not needed. Files are checked before the backup gets its name; older
/// ones beyond `keep` go. Throws std::runtime_error when there is no good copy, and leaves none
/// behind.
void back_up(const Options& options, const Log& log);

/// Gives a data folder that has no data those of a backup's `shard`: a node that starts there loads
/// them. A folder with data is left as it is, and a shard that the backup does not have gets none.
/// Throws std::runtime_error when there is no such backup, it is damaged, or it has more shards
/// than the topology.
void restore(const Options& options, const Log& log);

}  // namespace chatflow::redis_agent
