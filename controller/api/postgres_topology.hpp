#pragma once

#include "controller/api/condition.hpp"
#include "controller/api/object_meta.hpp"
#include "controller/api/placement.hpp"
#include "controller/api/postgres_backup.hpp"
#include "controller/api/postgres_databases.hpp"
#include "controller/api/postgres_index_hint.hpp"
#include "controller/api/postgres_tls.hpp"
#include "controller/api/quantity.hpp"
#include "libs/base/field_error.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::api {

/// What an acknowledged write has survived. None: the primary's disk. Preferred: a standby's too,
/// while there is one. Required: a standby's too, or the write waits.
enum class Durability { None, Preferred, Required };

/// Patroni's times. Its own least ttl is 20 s, so that Fast differs in how often it looks.
enum class FailoverPreset { Safe, Default, Fast };

struct PostgresFailover {
    FailoverPreset preset = FailoverPreset::Default;
    /// A standby that is further behind is not promoted; without durability alone.
    Quantity max_lag = Quantity::from_units(std::int64_t{16} << 20);
    bool operator==(const PostgresFailover&) const = default;
};

/// Carried out once for each request_id.
struct PostgresSwitchover {
    std::string request_id;
    std::optional<std::string> target;  // without: Patroni chooses
    std::optional<TimePoint> at;        // without: at once
    bool operator==(const PostgresSwitchover&) const = default;
};

struct PostgresStorage {
    Quantity size = Quantity::from_units(std::int64_t{10} << 30);
    std::optional<std::string> class_name;
    bool operator==(const PostgresStorage&) const = default;
};

struct PostgresServer {
    std::map<std::string, std::string> parameters;
    std::vector<std::string> hba;  // lines, before the built-in ones
    bool operator==(const PostgresServer&) const = default;
};

struct PostgresHealing {
    std::int32_t reinit_after_seconds = 300;
    std::int32_t max_per_hour = 2;
    bool operator==(const PostgresHealing&) const = default;
};

enum class PrimaryUpdate { Switchover, Restart };

struct PostgresResources {
    Quantity cpu = Quantity::from_milli(250);
    Quantity memory = Quantity::from_units(std::int64_t{512} << 20);
    bool operator==(const PostgresResources&) const = default;
};

/// PgBouncer in front of the primary, in transaction mode.
struct PostgresPooler {
    std::int32_t instances = 2;
    std::int32_t max_client_connections = 1000;  // of each instance
    std::int32_t pool_size = 20;                 // of each instance, user and database
    bool pause_during_switchover = true;
    std::int32_t pause_timeout_seconds = 30;
    std::string image;  // empty: the operator's own
    bool operator==(const PostgresPooler&) const = default;
};

struct PostgresTopologySpec {
    std::int32_t members = 3;
    std::int32_t read_replicas = 0;
    std::int32_t read_replica_drain_seconds = 60;
    Durability durability = Durability::Preferred;
    PostgresFailover failover;
    std::optional<PostgresSwitchover> switchover;
    std::vector<std::string> fenced_instances;
    bool paused = false;
    bool hibernated = false;
    PostgresStorage storage;
    PostgresServer postgresql;
    std::vector<PostgresUser> users;
    std::vector<PostgresDatabase> databases;
    std::optional<PostgresPooler> pooler;
    PostgresTls tls;
    std::optional<PostgresBackup> backup;
    std::optional<PostgresBootstrap> bootstrap;
    PostgresHealing healing;
    PrimaryUpdate primary_update = PrimaryUpdate::Switchover;
    PostgresResources resources;
    Placement placement;
    bool network_policy = true;
    std::string image;  // empty: the operator's own
    bool operator==(const PostgresTopologySpec&) const = default;
};

enum class InstanceRole { Primary, SyncStandby, Standby, ReadReplica, Unknown };

/// One pod, as Patroni tells it.
struct PostgresInstance {
    std::string name;
    InstanceRole role = InstanceRole::Unknown;
    std::string state;
    std::int64_t timeline = 0;
    std::optional<std::int64_t> lag_bytes;  // behind the primary; none: unknown
    std::string lsn;                        // of the WAL that it has; empty: unknown
    std::string node;
    bool pending_restart = false;
    std::optional<TimePoint> broken_since;    // not running nor streaming
    std::optional<TimePoint> draining_since;  // a read replica that is to go
    bool operator==(const PostgresInstance&) const = default;
};

struct PostgresAction {
    std::string kind;  // RestartPod, RestartServer, Switchover, Reinitialize
    std::string instance;
    std::string reason;
    TimePoint at{};
    bool operator==(const PostgresAction&) const = default;
};

struct PostgresTransition {
    std::string from;
    std::string to;
    TimePoint at{};
    bool planned = false;
    bool operator==(const PostgresTransition&) const = default;
};

/// A handover that was asked of Patroni, written down before it is. Whether it came about is told
/// by the primary: another one leads, or on another timeline.
struct PostgresHandover {
    std::string request_id;  // of spec.switchover; empty: the operator's own
    std::string primary;     // that was to hand over
    std::int64_t timeline = 0;
    std::int32_t attempts = 0;  // with the same primary on that timeline
    TimePoint at{};             // of the last one
    bool operator==(const PostgresHandover&) const = default;
};

struct PostgresServices {
    std::string read_write;
    std::string read_only;
    std::string any;
    std::string pooler;  // empty: there is none
    bool operator==(const PostgresServices&) const = default;
};

/// Poolers, all together, as PgBouncer's console tells it.
struct PostgresPoolerStatus {
    std::int32_t ready = 0;  // instances
    std::int32_t paused = 0;
    std::int64_t clients_active = 0;
    std::int64_t clients_waiting = 0;
    std::int64_t servers = 0;
    std::int64_t max_wait_ms = 0;  // of the client that waits longest
    bool operator==(const PostgresPoolerStatus&) const = default;
};

struct PostgresTopologyStatus {
    std::int64_t observed_generation = 0;
    std::string current_primary;
    std::optional<TimePoint> primary_since;
    std::optional<TimePoint> no_primary_since;
    std::int64_t timeline = 0;
    std::int64_t leader_transitions = 0;
    std::string members_ready;  // "3/3"
    std::int32_t ready_members = 0;
    std::int32_t read_replicas = 0;
    std::int32_t ready_read_replicas = 0;
    std::string read_replica_selector;
    std::vector<std::string> sync_standbys;
    std::optional<std::int64_t> lag_bytes_max;
    std::vector<PostgresInstance> instances;
    std::optional<PostgresTransition> last_transition;
    std::string last_switchover;  // the request_id that was carried out last
    std::optional<PostgresHandover> handover;
    std::vector<std::string> cloning;     // members that have no data until they stream
    std::vector<PostgresAction> actions;  // the oldest first; see next_status
    PostgresServices services;
    std::optional<PostgresPoolerStatus> pooler;
    std::optional<PostgresBackupStatus> backups;
    std::vector<PostgresIndexHint> index_hints;  // the most rows read first
    std::vector<Condition> conditions;
    bool operator==(const PostgresTopologyStatus&) const = default;
};

/// Actions that are kept in any case, and with those that limits are still counted by.
inline constexpr std::size_t kPostgresActionsTold = 10;
inline constexpr std::size_t kPostgresActionsMax = 160;

struct PostgresTopology {
    ObjectMeta metadata;
    PostgresTopologySpec spec;
    PostgresTopologyStatus status;
    FieldErrors spec_errors;  // as in ScalingPolicy
    bool operator==(const PostgresTopology&) const = default;
};

}  // namespace chatflow::api
