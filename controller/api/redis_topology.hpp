#pragma once

#include "controller/api/condition.hpp"
#include "controller/api/object_meta.hpp"
#include "controller/api/placement.hpp"
#include "controller/api/quantity.hpp"
#include "libs/base/field_error.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::api {

/// Replication: one master, replicas, and Sentinels that elect. Cluster: shards, each a master with
/// replicas, which elect among themselves.
enum class RedisMode { Replication, Cluster };

/// What the data is for: a cache may lose keys to eviction, a queue must not.
enum class RedisRole { Cache, Queue };

/// Which server runs: Redis 8, or Valkey 8 with the same protocol and its own file formats.
enum class RedisEngine { Redis, Valkey };

/// Who elects. A majority of `instances` authorises a failover, `quorum` of them detect the need.
struct RedisSentinelSpec {
    std::int32_t instances = 3;
    std::int32_t quorum = 2;
    std::int32_t down_after_seconds = 5;
    std::int32_t failover_timeout_seconds = 20;
    bool operator==(const RedisSentinelSpec&) const = default;
};

/// The master refuses writes without this many replicas that answered within the lag: what bounds
/// the loss when it is cut off.
struct RedisWriteSafety {
    std::int32_t min_replicas_to_write = 1;
    std::int32_t max_lag_seconds = 5;
    bool operator==(const RedisWriteSafety&) const = default;
};

struct RedisStorage {
    Quantity size = Quantity::from_units(std::int64_t{10} << 30U);
    std::string class_name;  // empty: the cluster's default
    bool operator==(const RedisStorage&) const = default;
};

struct RedisResources {
    std::map<std::string, Quantity> requests;
    std::map<std::string, Quantity> limits;
    bool operator==(const RedisResources&) const = default;
};

/// What only mode Cluster needs.
struct RedisClusterSpec {
    std::int32_t node_timeout_seconds = 5;
    bool operator==(const RedisClusterSpec&) const = default;
};

/// An account beside `default`; its password is in the Secret TOPOLOGY-user-NAME.
struct RedisUser {
    std::string name;
    std::string rules;  // of an access control list: keys, channels and commands, no passwords
    bool operator==(const RedisUser&) const = default;
};

/// Once per request_id: the master moves, without the loss of an acknowledged write.
struct RedisSwitchover {
    std::string request_id;
    std::string target;  // a pod; empty: the best replica
    bool operator==(const RedisSwitchover&) const = default;
};

/// Certificates for every connection: of clients, replication, Sentinels and the operator.
struct RedisTlsSpec {
    bool enabled = false;
    std::string existing_secret;  // tls.crt, tls.key, ca.crt; empty: an authority of its own
    bool plain_port = false;      // clients may also come in the clear
    bool operator==(const RedisTlsSpec&) const = default;
};

/// Copies of the data set as files, on a volume of their own that outlives the topology.
struct RedisBackupSpec {
    std::string schedule;  // five crontab fields; empty: on demand only
    std::string time_zone = "UTC";
    std::int32_t keep = 7;   // the newest ones
    std::string request_id;  // a new value asks for a backup
    RedisStorage storage;
    bool operator==(const RedisBackupSpec&) const = default;
};

/// Where the first data of a new topology comes from.
struct RedisFromBackup {
    std::string topology;  // whose backup volume
    std::string name;      // of the backup; empty: the newest
    bool operator==(const RedisFromBackup&) const = default;
};

struct RedisBootstrap {
    std::optional<RedisFromBackup> from_backup;
    bool operator==(const RedisBootstrap&) const = default;
};

struct RedisTopologySpec {
    RedisMode mode = RedisMode::Replication;
    RedisRole role = RedisRole::Cache;
    RedisEngine engine = RedisEngine::Redis;
    std::int32_t replicas = 2;            // beside the master
    std::int32_t shards = 3;              // Cluster
    std::int32_t replicas_per_shard = 1;  // Cluster
    RedisClusterSpec cluster;
    std::string image;  // empty: the operator's own
    Quantity maxmemory = Quantity::from_units(std::int64_t{2} << 30U);
    bool appendonly = true;
    RedisSentinelSpec sentinel;
    RedisWriteSafety write_safety;
    std::map<std::string, std::string> config;  // further lines of redis.conf
    std::vector<RedisUser> users;
    RedisStorage storage;
    RedisResources resources;
    Placement placement;
    bool network_policy = true;
    std::int32_t drain_seconds = 10;
    RedisTlsSpec tls;
    std::optional<RedisBackupSpec> backup;
    std::optional<RedisBootstrap> bootstrap;
    std::optional<RedisSwitchover> switchover;
    bool paused = false;
    bool hibernated = false;
    bool operator==(const RedisTopologySpec&) const = default;
};

struct RedisNodeStatus {
    std::string name;  // of the pod
    std::string role;  // master, replica, unreachable
    std::int64_t offset = 0;
    std::int64_t lag_bytes = 0;  // behind the master
    bool link_up = false;        // of a replica, to its master
    bool operator==(const RedisNodeStatus&) const = default;
};

/// A shard of a cluster as it was seen last: `index` counts the groups of pods.
struct RedisShardStatus {
    std::int32_t index = 0;
    std::string master;        // the pod; empty while there is none
    std::int32_t slots = 0;    // that the master serves
    std::int32_t in_sync = 0;  // replicas with their link up
    bool operator==(const RedisShardStatus&) const = default;
};

struct RedisSentinelStatus {
    std::string summary;  // "3/3": reachable of wanted
    std::int32_t reachable = 0;
    std::int32_t agreeing = 0;  // that name the same master
    bool operator==(const RedisSentinelStatus&) const = default;
};

/// The last planned change of the master.
struct RedisSwitchoverStatus {
    std::string request_id;
    std::string from;
    std::string to;
    std::string reason;   // Requested, ScaleDown, Rollout
    std::string outcome;  // Done, or why not
    std::optional<TimePoint> at;
    std::int64_t pause_milliseconds = 0;  // for which writes waited
    bool operator==(const RedisSwitchoverStatus&) const = default;
};

/// The last backup that ended, and the last one that can be restored.
struct RedisBackupStatus {
    std::string request_id;
    std::string name;
    std::string outcome;  // Done, or why there is none
    std::optional<TimePoint> at;
    std::string good_name;
    std::optional<TimePoint> good_at;  // the moment of the data set
    std::int64_t good_bytes = 0;
    bool operator==(const RedisBackupStatus&) const = default;
};

struct RedisTopologyStatus {
    std::int64_t observed_generation = 0;
    std::string master;  // the pod
    std::int64_t config_epoch = 0;
    std::int32_t replicas = 0;  // pods beside the master
    std::int32_t ready_replicas = 0;
    std::string selector;  // of the replicas' pods
    std::string replicas_summary;
    std::string memory_summary;  // "12%": the master's use of maxmemory
    RedisSentinelStatus sentinels;
    std::vector<RedisNodeStatus> nodes;
    std::int32_t slots_assigned = 0;  // Cluster: of 16,384
    std::vector<RedisShardStatus> shards;
    std::optional<RedisSwitchoverStatus> last_switchover;
    std::optional<RedisBackupStatus> backup;
    std::vector<Condition> conditions;
    bool operator==(const RedisTopologyStatus&) const = default;
};

/// Keeps a Redis master with replicas, and the Sentinels that watch them.
struct RedisTopology {
    ObjectMeta metadata;
    RedisTopologySpec spec;
    RedisTopologyStatus status;
    FieldErrors spec_errors;  // of an object that was stored before a rule was tightened
    bool operator==(const RedisTopology&) const = default;
};

}  // namespace chatflow::api
