#pragma once

#include "controller/api/redis_topology.hpp"

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::redis_topology {

/// Labels of everything of a topology, and of one part's pods: node or sentinel.
[[nodiscard]] nlohmann::json topology_labels(const std::string& topology);
[[nodiscard]] nlohmann::json part_labels(const std::string& topology, const std::string& part);

/// Pods of data nodes. They change, and so restart, with what is read at start only; not with the
/// number of replicas nor with what CONFIG SET changes.
[[nodiscard]] nlohmann::json node_template(const api::RedisTopology& topology,
                                           const std::string& image);

/// Pods of Sentinels, each with the agent that keeps the addresses.
[[nodiscard]] nlohmann::json sentinel_template(const api::RedisTopology& topology,
                                               const std::string& image);

}  // namespace chatflow::redis_topology
