#pragma once

#include "controller/domain/redis/status.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// What to do about backups now.
struct BackupDecision {
    std::optional<std::string> start;  // the name of the backup to be made
    std::string request_id;            // that it answers; empty: the schedule's
    std::vector<std::string> from;     // the pods that it is taken from, one for each shard
    api::RedisBackupStatus status;     // what the Jobs that ended have come to
    bool operator==(const BackupDecision&) const = default;
};

/// Pure. One at a time; a request or a moment of the schedule is answered once, with a backup or
/// with the reason why there is none.
[[nodiscard]] BackupDecision decide_backup(const api::RedisTopology& topology,
                                           const Observed& seen);

/// The condition BackupHealthy; nothing without spec.backup.
[[nodiscard]] std::optional<Verdict> backup_healthy(const api::RedisTopology& topology,
                                                    const api::RedisBackupStatus& status,
                                                    TimePoint now);

/// "20261121-030000": sorts by time.
[[nodiscard]] std::string backup_name(TimePoint at);

}  // namespace chatflow::redis_topology
