#include "controller/domain/redis/config.hpp"

#include "libs/base/fnv1a.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace chatflow::redis_topology {
namespace {

// What CONFIG SET takes while a node serves (redis.io/docs/latest/commands/config-set); whatever
// is not here restarts the nodes in order, which is right for every setting.
constexpr auto kLive = std::to_array<std::string_view>({"active-expire-effort",
                                                        "activedefrag",
                                                        "appendfsync",
                                                        "auto-aof-rewrite-min-size",
                                                        "auto-aof-rewrite-percentage",
                                                        "client-output-buffer-limit",
                                                        "cluster-node-timeout",
                                                        "hash-max-listpack-entries",
                                                        "hash-max-listpack-value",
                                                        "hz",
                                                        "latency-monitor-threshold",
                                                        "lazyfree-lazy-eviction",
                                                        "lazyfree-lazy-expire",
                                                        "lazyfree-lazy-server-del",
                                                        "lazyfree-lazy-user-del",
                                                        "lfu-decay-time",
                                                        "lfu-log-factor",
                                                        "list-compress-depth",
                                                        "list-max-listpack-size",
                                                        "loglevel",
                                                        "maxmemory",
                                                        "maxmemory-policy",
                                                        "maxmemory-samples",
                                                        "min-replicas-max-lag",
                                                        "min-replicas-to-write",
                                                        "no-appendfsync-on-rewrite",
                                                        "notify-keyspace-events",
                                                        "proto-max-bulk-len",
                                                        "repl-backlog-size",
                                                        "repl-backlog-ttl",
                                                        "repl-diskless-sync-delay",
                                                        "repl-ping-replica-period",
                                                        "repl-timeout",
                                                        "save",
                                                        "set-max-intset-entries",
                                                        "slowlog-log-slower-than",
                                                        "slowlog-max-len",
                                                        "stream-node-max-bytes",
                                                        "stream-node-max-entries",
                                                        "tcp-keepalive",
                                                        "timeout",
                                                        "zset-max-listpack-entries",
                                                        "zset-max-listpack-value"});

// What Redis 8 and Valkey 8 take without a line for it: a setting that is taken out of spec.config
// goes back to this while the node serves. The rest of kLive is always set.
constexpr auto kDefaults = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"active-expire-effort", "1"},
     {"activedefrag", "no"},
     {"auto-aof-rewrite-min-size", "67108864"},
     {"auto-aof-rewrite-percentage", "100"},
     {"client-output-buffer-limit",
      "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"},
     {"hash-max-listpack-entries", "512"},
     {"hash-max-listpack-value", "64"},
     {"hz", "10"},
     {"latency-monitor-threshold", "0"},
     {"lfu-decay-time", "1"},
     {"lfu-log-factor", "10"},
     {"list-compress-depth", "0"},
     {"list-max-listpack-size", "-2"},
     {"loglevel", "notice"},
     {"maxmemory-samples", "5"},
     {"no-appendfsync-on-rewrite", "no"},
     {"notify-keyspace-events", ""},
     {"proto-max-bulk-len", "536870912"},
     {"repl-backlog-ttl", "3600"},
     {"repl-timeout", "60"},
     {"set-max-intset-entries", "512"},
     {"slowlog-log-slower-than", "10000"},
     {"slowlog-max-len", "128"},
     {"stream-node-max-bytes", "4096"},
     {"stream-node-max-entries", "100"},
     {"tcp-keepalive", "300"},
     {"timeout", "0"},
     {"zset-max-listpack-entries", "128"},
     {"zset-max-listpack-value", "64"}});

/// In a cluster one replica less: with its only replica gone, or promoted, a shard would refuse all
/// writes, and a master that is cut off stops by itself after the node timeout.
int min_replicas(const api::RedisTopologySpec& spec) {
    const int asked = spec.write_safety.min_replicas_to_write;
    if (spec.mode == api::RedisMode::Replication) return asked;
    return std::min(asked, std::max(0, spec.replicas_per_shard - 1));
}

/// A master that is cut off accepts writes for up to two seconds longer than this setting: both
/// answers and the look at them are counted in whole seconds (src/replication.c,
/// refreshGoodSlavesCount, once a second). maxLagSeconds is what is promised.
int max_lag(const api::RedisTopologySpec& spec) { return spec.write_safety.max_lag_seconds - 2; }

Settings wanted(const api::RedisTopologySpec& spec) {
    const bool is_queue = spec.role == api::RedisRole::Queue;
    Settings settings{{"maxmemory", std::to_string(spec.maxmemory.units())},
                      {"maxmemory-policy", is_queue ? "noeviction" : "allkeys-lru"},
                      {"appendonly", spec.appendonly ? "yes" : "no"},
                      {"appendfsync", "everysec"},
                      {"save", ""},
                      {"min-replicas-to-write", std::to_string(min_replicas(spec))},
                      {"min-replicas-max-lag", std::to_string(max_lag(spec))},
                      // Of 1 MB by default a short cut of the network costs a full copy.
                      {"repl-backlog-size", std::to_string(64 << 20)},
                      {"repl-diskless-sync-delay", "0"},
                      {"repl-ping-replica-period", "2"},
                      {"lazyfree-lazy-eviction", "yes"},
                      {"lazyfree-lazy-expire", "yes"},
                      {"bind", "* -::*"},
                      {"protected-mode", "no"},
                      {"dynamic-hz", "yes"}};
    if (spec.mode == api::RedisMode::Cluster) {
        settings.insert(
            {{"cluster-enabled", "yes"},
             {"cluster-config-file", "nodes.conf"},
             {"cluster-node-timeout", std::to_string(spec.cluster.node_timeout_seconds * 1000)},
             // A shard that is down must not take the others with it.
             {"cluster-require-full-coverage", "no"},
             {"cluster-replica-validity-factor", "10"},
             // Which pod holds which slots is by their names, so that it can be read off.
             {"cluster-allow-replica-migration", "no"}});
    }
    for (const auto& [name, value] : spec.config) settings[name] = value;
    settings.merge(live_defaults(spec.engine));
    return settings;
}

}  // namespace

Settings live_defaults(api::RedisEngine engine) {
    Settings settings;
    for (const auto& [name, value] : kDefaults) settings.emplace(name, value);
    const char* lazily = engine == api::RedisEngine::Valkey ? "yes" : "no";
    settings["lazyfree-lazy-server-del"] = lazily;
    settings["lazyfree-lazy-user-del"] = lazily;
    return settings;
}

NodeConfig node_config(const api::RedisTopologySpec& spec) {
    NodeConfig config;
    for (auto& [name, value] : wanted(spec)) {
        const bool is_live = std::ranges::binary_search(kLive, name);
        (is_live ? config.live : config.restart).emplace(name, value);
    }
    return config;
}

Settings live_settings(const api::RedisTopologySpec& spec, const std::string& host) {
    Settings settings = node_config(spec).live;
    const bool is_cluster = spec.mode == api::RedisMode::Cluster;
    settings[is_cluster ? "cluster-announce-ip" : "replica-announce-ip"] = host;
    return settings;
}

std::string conf_text(const NodeConfig& config) {
    std::string text;
    for (const Settings* settings : {&config.restart, &config.live}) {
        for (const auto& [name, value] : *settings) {
            text += fmt::format("{} {}\n", name, value.empty() ? "\"\"" : value);
        }
    }
    return text;
}

std::string fingerprint(const Settings& settings) {
    constexpr unsigned char kEnd = 0xFF;  // of a text; no UTF-8 has it
    Fnv1a hash;
    for (const auto& [name, value] : settings) {
        hash.add(name);
        hash.add(kEnd);
        hash.add(value);
        hash.add(kEnd);
    }
    return fmt::format("{:016x}", hash.value());
}

bool may_evict(const api::RedisTopologySpec& spec) {
    const NodeConfig config = node_config(spec);
    return config.live.at("maxmemory-policy") != "noeviction";
}

}  // namespace chatflow::redis_topology
