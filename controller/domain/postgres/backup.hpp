#pragma once

#include "controller/api/postgres_topology.hpp"
#include "controller/domain/postgres/archive_hole.hpp"
#include "libs/base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::postgres {

/// What pgBackRest and the archiver told.
struct SeenBackups {
    bool has_stanza = false;
    bool is_running = false;
    std::vector<api::PostgresBackupRecord> backups;  // the oldest first
    std::optional<TimePoint> archived_at;
    std::optional<TimePoint> archive_failed_at;
    std::int64_t archive_failures = 0;
    std::vector<DroppedWal> dropped;  // that a member remembers
    std::string last_words;           // of the last attempt, as it wrote them
};

/// The answer of `pgbackrest info --output=json`; nothing when it is none. What is missing stays
/// as in a new one.
[[nodiscard]] std::optional<SeenBackups> read_backups(std::string_view body,
                                                      const std::string& stanza);

enum class BackupWork { None, CreateStanza, Full, Incremental };

struct BackupPlan {
    BackupWork work = BackupWork::None;
    std::string reason;   // a sentence
    std::string request;  // the requestID that it carries out
    bool operator==(const BackupPlan&) const = default;
};

/// With the hole that the archive has now.
[[nodiscard]] api::PostgresBackupStatus with_archive(api::PostgresBackupStatus status,
                                                     const SeenBackups& seen);

/// `status` is that of with_archive. One backup at a time; a schedule that was missed is made up
/// for once; an attempt that failed is repeated after kBackupRetry.
[[nodiscard]] BackupPlan plan_backup(const api::PostgresBackup& backup,
                                     const api::PostgresBackupStatus& status,
                                     const SeenBackups& seen, TimePoint now);

/// After `plan` was carried out. `before` is that of with_archive.
[[nodiscard]] api::PostgresBackupStatus backup_status(const api::PostgresBackupStatus& before,
                                                      const SeenBackups& seen,
                                                      const BackupPlan& plan, TimePoint now);

/// Of the condition BackupHealthy.
struct BackupHealth {
    bool holds = false;
    std::string reason;
    std::string message;
};
[[nodiscard]] BackupHealth backup_health(const api::PostgresBackup& backup,
                                         const api::PostgresBackupStatus& status, TimePoint now);

inline constexpr std::chrono::minutes kBackupRetry{5};

}  // namespace chatflow::postgres
