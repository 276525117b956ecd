#pragma once

#include "controller/domain/redis/status.hpp"

#include <optional>
#include <string>

namespace chatflow::redis_topology {

/// What to do about backups now.
struct BackupDecision {
    std::optional<std::string> start;  // the name of the backup to be made
    std::string request_id;            // that it answers; empty: the schedule's
    std::string from;                  // the pod that it is taken from
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

/// Whether data nodes may be made: not while the first data is still to be brought.
[[nodiscard]] bool may_have_nodes(const api::RedisTopology& topology, const Observed& seen);

/// The condition Restored; nothing without spec.bootstrap.
[[nodiscard]] std::optional<Verdict> restored(const api::RedisTopology& topology,
                                              const Observed& seen);

/// "20261121-030000": sorts by time.
[[nodiscard]] std::string backup_name(TimePoint at);

}  // namespace chatflow::redis_topology
