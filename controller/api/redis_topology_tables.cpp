#include "controller/api/redis_topology_tables.hpp"

#include "controller/api/patterns.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace chatflow::api::schema {
namespace {

constexpr std::int32_t kReplicasMax = 12;
constexpr std::int32_t kShardsMax = 16;
constexpr std::int32_t kReplicasPerShardMax = 3;
constexpr std::size_t kUsersMax = 32;
constexpr std::size_t kConfigMax = 64;
constexpr std::size_t kConfigValueMax = 512;
constexpr std::size_t kImageMax = 255;

constexpr Quantity kMemoryMin = Quantity::from_units(std::int64_t{8} << 20U);
constexpr Quantity kMemoryMax = Quantity::from_units(std::int64_t{1} << 42U);

constexpr Pattern kImage{"^[a-zA-Z0-9][-a-zA-Z0-9_./:@]*$", "an image reference"};

// What the operator writes itself, or what would let a node out of its hands.
constexpr auto kManaged = std::to_array<std::string_view>({"bind",
                                                           "port",
                                                           "dir",
                                                           "include",
                                                           "replicaof",
                                                           "slaveof",
                                                           "masterauth",
                                                           "masteruser",
                                                           "requirepass",
                                                           "user",
                                                           "aclfile",
                                                           "maxmemory",
                                                           "appendonly",
                                                           "daemonize",
                                                           "protected-mode",
                                                           "min-replicas-to-write",
                                                           "min-replicas-max-lag",
                                                           "replica-announce-ip",
                                                           "replica-announce-port",
                                                           "replica-priority",
                                                           "rename-command",
                                                           "loadmodule",
                                                           "unixsocket",
                                                           "cluster-enabled"});

constexpr std::string_view kManagedCel =
    "!has(self.config) || self.config.all(k, !(k in ['bind', 'port', 'dir', 'include', "
    "'replicaof', 'slaveof', 'masterauth', 'masteruser', 'requirepass', 'user', 'aclfile', "
    "'maxmemory', 'appendonly', 'daemonize', 'protected-mode', 'min-replicas-to-write', "
    "'min-replicas-max-lag', 'replica-announce-ip', 'replica-announce-port', 'replica-priority', "
    "'rename-command', 'loadmodule', 'unixsocket', 'cluster-enabled']) && "
    "!k.startsWith('tls-'))";

bool is_config_name(const std::string& name) {
    return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

bool memory_fits(const RedisTopologySpec& spec) {
    const auto limit = spec.resources.limits.find("memory");
    if (limit == spec.resources.limits.end()) return true;
    return spec.maxmemory.milli() / 6 <= limit->second.milli() / 10;
}

}  // namespace

template <>
std::span<const Word<RedisMode>> words() {
    static constexpr auto kWords = std::to_array<Word<RedisMode>>(
        {{RedisMode::Replication, "Replication"}, {RedisMode::Cluster, "Cluster"}});
    return kWords;
}

template <>
std::span<const Word<RedisRole>> words() {
    static constexpr auto kWords =
        std::to_array<Word<RedisRole>>({{RedisRole::Cache, "cache"}, {RedisRole::Queue, "queue"}});
    return kWords;
}

template <>
std::span<const Word<RedisEngine>> words() {
    static constexpr auto kWords = std::to_array<Word<RedisEngine>>(
        {{RedisEngine::Redis, "Redis"}, {RedisEngine::Valkey, "Valkey"}});
    return kWords;
}

template <>
const Struct<RedisTopologySpec>& table<RedisTopologySpec>() {
    using S = RedisTopologySpec;
    static const Struct<S> kTable{
        "RedisTopologySpec",
        "The Redis that is wanted.",
        {field("mode", &S::mode)
             .default_to(RedisMode::Replication)
             .doc("Replication: one master with replicas, and Sentinels that elect. Cluster: "
                  "shards, each a master with replicas; the masters elect. It cannot be changed.")
             .example("Replication"),
         field("role", &S::role)
             .default_to(RedisRole::Cache)
             .doc("A cache evicts the keys used least recently (allkeys-lru) when it is full; a "
                  "queue refuses writes (noeviction), so that no job is lost.")
             .example("queue"),
         field("engine", &S::engine)
             .default_to(RedisEngine::Redis)
             .doc("The server that runs: Redis 8 or Valkey 8. It cannot be changed, since neither "
                  "reads the other's newest files.")
             .example("Valkey"),
         field("replicas", &S::replicas)
             .default_to(2)
             .between(0, kReplicasMax)
             .unit("pods")
             .doc("Copies beside the master; the scale subresource sets this. The first two may "
                  "become master, further ones serve reads only.")
             .example("2"),
         field("shards", &S::shards)
             .default_to(3)
             .between(3, kShardsMax)
             .unit("shards")
             .doc("Of a cluster: masters that share the 16,384 slots evenly; fewer than three "
                  "cannot elect. A change moves slots while clients are served.")
             .example("3"),
         field("replicasPerShard", &S::replicas_per_shard)
             .default_to(1)
             .between(0, kReplicasPerShardMax)
             .unit("pods")
             .doc("Of a cluster: copies of each shard. It cannot be changed.")
             .example("1"),
         field("cluster", &S::cluster)
             .default_to(RedisClusterSpec{})
             .doc("What only a cluster needs.")
             .example("{nodeTimeoutSeconds: 5}"),
         field("image", &S::image)
             .size(0, kImageMax)
             .form(kImage)
             .doc("Image of nodes and Sentinels; without it the one of the operator.")
             .example("registry.example.com/chatflow/redis-ha:1.0"),
         field("maxmemory", &S::maxmemory)
             .default_to(S{}.maxmemory)
             .between(kMemoryMin, kMemoryMax)
             .unit("bytes")
             .doc("What the data may take, at most 60 percent of the memory limit: a copy for a "
                  "replica or a rewrite needs the rest. Changed while running.")
             .example("2Gi"),
         field("appendonly", &S::appendonly)
             .default_to(true)
             .doc("Whether every write goes to a file, synced each second. A change restarts the "
                  "nodes in order, without loss; off it can be turned with replicas only.")
             .example("true"),
         field("sentinel", &S::sentinel)
             .default_to(RedisSentinelSpec{})
             .doc("The Sentinels, which watch the master and elect another when it is down.")
             .example("{instances: 3, quorum: 2}"),
         field("writeSafety", &S::write_safety)
             .default_to(RedisWriteSafety{})
             .doc("When the master refuses writes.")
             .example("{minReplicasToWrite: 1, maxLagSeconds: 5}"),
         field("config", &S::config)
             .size(0, kConfigMax)
             .each_size(0, kConfigValueMax)
             .doc("Further settings of redis.conf. What Redis can change while running is "
                  "changed so; the rest restarts the nodes in order.")
             .example("{slowlog-log-slower-than: \"5000\"}"),
         field("users", &S::users)
             .size(0, kUsersMax)
             .keyed_by({"name"})
             .doc("Accounts beside default, which may do everything."),
         field("storage", &S::storage)
             .default_to(RedisStorage{})
             .doc("The volume of each node; it cannot be changed.")
             .example("{size: 10Gi}"),
         field("resources", &S::resources)
             .doc("Requests and limits of each data node.")
             .example("{limits: {memory: 4Gi}}"),
         field("placement", &S::placement)
             .default_to(Placement{})
             .doc("On which nodes the pods run.")
             .example("{nodes: Required}"),
         field("networkPolicy", &S::network_policy)
             .default_to(true)
             .doc("Whether only pods of this namespace and the operator reach the nodes.")
             .example("true"),
         field("drainSeconds", &S::drain_seconds)
             .default_to(10)
             .between(0, 3600)
             .unit("seconds")
             .doc("How long a replica that is to go is out of the read address before its pod "
                  "ends.")
             .example("10"),
         field("tls", &S::tls)
             .default_to(RedisTlsSpec{})
             .doc("Certificates for every connection.")
             .example("{enabled: true}"),
         field("backup", &S::backup)
             .doc("Copies of the data set on a volume of their own; of a cluster one per shard."),
         field("bootstrap", &S::bootstrap)
             .doc("Where the first data comes from; read while the topology has no nodes yet."),
         field("switchover", &S::switchover)
             .doc("Moves the master once, without the loss of an acknowledged write."),
         field("paused", &S::paused)
             .default_to(false)
             .doc("The operator changes nothing; Sentinels still elect, and addresses follow.")
             .example("false"),
         field("hibernated", &S::hibernated)
             .default_to(false)
             .doc("No pods; volumes, Secrets and addresses stay.")
             .example("false")},
        {rule<S>(
             "!has(self.resources) || !has(self.resources.limits) || !('memory' in "
             "self.resources.limits) || quantity(string(self.maxmemory)).asApproximateFloat() <= "
             "0.6 * quantity(string(self.resources.limits['memory'])).asApproximateFloat()",
             memory_fits, "maxmemory",
             "must be at most 60 percent of resources.limits.memory: copying for a replica and "
             "rewriting the append-only file need the rest"),
         rule<S>(
             "self.mode == 'Cluster' || self.replicas == 0 || "
             "self.writeSafety.minReplicasToWrite <= self.replicas",
             [](const S& s) {
                 return s.mode == RedisMode::Cluster || s.replicas == 0 ||
                        s.write_safety.min_replicas_to_write <= s.replicas;
             },
             "writeSafety.minReplicasToWrite",
             "must be at most replicas ({replicas}), or no write would ever be accepted"),
         rule<S>(
             kManagedCel,
             [](const S& s) {
                 return std::ranges::none_of(s.config, [](const auto& entry) {
                     return std::ranges::contains(kManaged, entry.first) ||
                            entry.first.starts_with("tls-");
                 });
             },
             "config",
             "must not hold what the operator sets itself: addresses, replication, passwords, "
             "certificates, maxmemory, appendonly, min-replicas-*"),
         rule<S>(
             "!has(self.config) || self.config.all(k, k.matches('^[a-z][-a-z0-9]*$'))",
             [](const S& s) {
                 return std::ranges::all_of(
                     s.config, [](const auto& entry) { return is_config_name(entry.first); });
             },
             "config", "must hold names of redis.conf: lowercase letters, digits and '-'"),
         rule<S>(
             "!has(self.config) || self.config.all(k, "
             "!self.config[k].matches('[\\\\x00-\\\\x1f]'))",
             [](const S& s) {
                 return std::ranges::none_of(s.config, [](const auto& entry) {
                     return std::ranges::any_of(entry.second,
                                                [](char c) { return c >= 0 && c < ' '; });
                 });
             },
             "config", "must hold values of one line"),
         rule<S>(
             "self.mode == oldSelf.mode", [](const S&) { return true; }, "mode",
             "cannot be changed: make a new topology and move the data"),
         rule<S>(
             "self.mode != 'Cluster' || self.replicasPerShard == oldSelf.replicasPerShard",
             [](const S&) { return true; }, "replicasPerShard",
             "cannot be changed: make a new topology and move the data"),
         rule<S>(
             "self.appendonly || !oldSelf.appendonly || (self.mode == 'Cluster' ? "
             "self.replicasPerShard : self.replicas) > 0",
             [](const S&) { return true; }, "appendonly",
             "cannot be turned off without replicas: the only copy would be gone with the restart; "
             "raise replicas first"),
         rule<S>(
             "self.engine == oldSelf.engine", [](const S&) { return true; }, "engine",
             "cannot be changed: make a new topology and move the data"),
         rule<S>(
             "self.tls.enabled == oldSelf.tls.enabled && self.tls.plainPort == "
             "oldSelf.tls.plainPort",
             [](const S&) { return true; }, "tls",
             "cannot be turned on or off: make a new topology and move the data"),
         rule<S>(
             "self.storage == oldSelf.storage", [](const S&) { return true; }, "storage",
             "cannot be changed: make a new topology and move the data")}};
    return kTable;
}

template <>
const Struct<RedisTopology>& table<RedisTopology>() {
    using T = RedisTopology;
    static const Struct<T> kTable{
        "RedisTopology",
        "A Redis master with replicas and the Sentinels that elect, or a Redis Cluster.",
        {field("metadata", &T::metadata).required().doc("Name and labels of the object."),
         field("spec", &T::spec).required().doc("What is wanted."),
         field("status", &T::status).omit_if_new().doc("What was observed last.")},
        {rule<T>(
            "size(self.metadata.name) <= 40 && "
            "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
            [](const T& t) {
                const std::string& name = t.metadata.name;
                return name.size() <= 40 && is_config_name(name) && name.back() != '-';
            },
            "metadata.name",
            "must be at most 40 lowercase letters, digits and '-', with a letter at the start: "
            "Services are named after it")}};
    return kTable;
}

}  // namespace chatflow::api::schema
