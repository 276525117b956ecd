#pragma once

#include "controller/api/quantity.hpp"
#include "libs/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::api {

/// A claim that every member mounts.
struct PostgresBackupVolume {
    std::string claim_name;  // empty: one of our own, NAME-backup
    Quantity size = Quantity::from_units(std::int64_t{20} << 30);
    std::optional<std::string> class_name;
    std::string access_mode = "ReadWriteMany";
    bool operator==(const PostgresBackupVolume&) const = default;
};

/// A bucket that speaks S3.
struct PostgresObjectStore {
    std::string bucket;
    std::string endpoint;
    std::string region;
    std::string prefix = "/";
    std::string credentials_secret;  // with access-key and secret-key
    bool path_style = false;
    bool verify_tls = true;
    bool operator==(const PostgresObjectStore&) const = default;
};

/// Exactly one of the two.
struct PostgresRepository {
    std::optional<PostgresBackupVolume> volume;
    std::optional<PostgresObjectStore> s3;
    bool operator==(const PostgresRepository&) const = default;
};

struct PostgresDrill {
    std::string request_id;  // a new one asks for a drill now
    std::int32_t every_days = 0;
    std::int32_t timeout_minutes = 60;
    bool operator==(const PostgresDrill&) const = default;
};

struct PostgresBackup {
    PostgresRepository target;
    std::string schedule = "0 2 * * *";
    std::int32_t full_every_days = 7;
    std::int32_t retention_full = 2;
    std::string request_id;                 // a new one asks for a backup now
    std::optional<Quantity> wal_queue_max;  // of WAL that cannot be archived; none: see the table
    std::optional<PostgresDrill> drill;
    bool operator==(const PostgresBackup&) const = default;
};

/// Where a new topology's data come from.
struct PostgresRecovery {
    std::string source;  // the topology that was backed up
    PostgresRepository target;
    std::optional<TimePoint> target_time;  // none: all that was archived
    bool operator==(const PostgresRecovery&) const = default;
};

struct PostgresBootstrap {
    std::optional<PostgresRecovery> recovery;
    bool operator==(const PostgresBootstrap&) const = default;
};

/// One backup, as pgBackRest tells it.
struct PostgresBackupRecord {
    std::string label;
    std::string type;  // full, diff, incr
    TimePoint started{};
    TimePoint finished{};
    std::int64_t size_bytes = 0;    // of the database
    std::int64_t stored_bytes = 0;  // that this backup added to the repository
    bool operator==(const PostgresBackupRecord&) const = default;
};

struct PostgresDrillStatus {
    std::string request_id;
    TimePoint started{};
    std::optional<TimePoint> finished;
    std::string outcome;  // Running, Succeeded, Failed
    std::string message;
    std::optional<TimePoint> last_succeeded;
    bool operator==(const PostgresDrillStatus&) const = default;
};

/// WAL that was dropped instead of archived. No moment in it can be restored, and none behind it
/// before the next full backup.
struct PostgresArchiveHole {
    std::string from_lsn;  // the first byte that is missing
    std::string to_lsn;    // the first one behind it
    TimePoint since{};
    TimePoint until{};  // when the last of it was dropped
    bool operator==(const PostgresArchiveHole&) const = default;
};

struct PostgresBackupStatus {
    std::optional<PostgresBackupRecord> last;
    std::int32_t count = 0;
    std::optional<TimePoint> restorable_from;  // the end of the oldest backup
    std::optional<TimePoint> archived_at;      // the last WAL file that arrived
    std::optional<TimePoint> archive_failed_at;
    std::int64_t archive_failures = 0;
    std::optional<TimePoint> attempted_at;  // when the last backup was begun
    std::string last_request;               // the requestID that was begun last
    std::string failure;                    // why the last attempt failed; empty: it did not
    std::optional<PostgresArchiveHole> archive_hole;  // until a full backup has begun behind it
    std::optional<PostgresDrillStatus> drill;
    bool operator==(const PostgresBackupStatus&) const = default;
};

}  // namespace chatflow::api
