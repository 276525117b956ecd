#pragma once

#include "controller/redis_agent/options.hpp"
#include "libs/base/log.hpp"

namespace chatflow::redis_agent {

/// Copies the data set of a node, as it is when the copy begins, to FOLDER/BACKUP.rdb: by the
/// protocol of replicas, so that the node makes the snapshot and its volume is not needed. The file
/// is checked before it gets its name; older ones beyond `keep` go. Throws std::runtime_error when
/// there is no good copy, and leaves none behind.
void back_up(const Options& options, const Log& log);

/// Gives a data folder that has no data a backup's: a node that starts there loads it. A folder
/// with data is left as it is. Throws std::runtime_error when there is no such backup or it is
/// damaged.
void restore(const Options& options, const Log& log);

}  // namespace chatflow::redis_agent
