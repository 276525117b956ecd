#pragma once

#include "controller/api/redis_topology.hpp"

#include <map>
#include <string>

namespace chatflow::redis_topology {

using Settings = std::map<std::string, std::string>;

/// Settings of redis.conf, split by what a change of them needs.
struct NodeConfig {
    Settings live;     // changed by CONFIG SET while the node runs
    Settings restart;  // read at start only, or unsafe to change while running
    bool operator==(const NodeConfig&) const = default;
};

/// What the spec asks for: the role's preset, then the spec's fields, then spec.config.
[[nodiscard]] NodeConfig node_config(const api::RedisTopologySpec& spec);

/// Live settings that neither a role nor a field of the spec sets, as the engine takes them
/// without.
[[nodiscard]] Settings live_defaults(api::RedisEngine engine);

/// What a node at this address is told while it runs: with the address that it gives others.
[[nodiscard]] Settings live_settings(const api::RedisTopologySpec& spec, const std::string& host);

/// As redis.conf.
[[nodiscard]] std::string conf_text(const NodeConfig& config);

/// A short text that differs where the settings differ.
[[nodiscard]] std::string fingerprint(const Settings& settings);

/// Whether keys may be lost to eviction: then no queue is safe here.
[[nodiscard]] bool may_evict(const api::RedisTopologySpec& spec);

}  // namespace chatflow::redis_topology
