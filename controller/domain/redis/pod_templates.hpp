#pragma once

#include "controller/api/redis_topology.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::redis_topology {

/// Labels of everything of a topology, and of one part's pods: node or sentinel.
[[nodiscard]] nlohmann::json topology_labels(const std::string& topology);
[[nodiscard]] nlohmann::json part_labels(const std::string& topology, const std::string& part);

/// The programs of the engine, as they are in the image.
struct Programs {
    std::string server;
    std::string sentinel;
    std::string client;
    std::string check;  // of a snapshot
};
[[nodiscard]] Programs programs_of(const api::RedisTopology& topology);

/// Pods of data nodes. They change, and so restart, with what is read at start only; not with the
/// number of replicas or Sentinels nor with what CONFIG SET changes.
[[nodiscard]] nlohmann::json node_template(const api::RedisTopology& topology,
                                           const std::string& image);

/// Pods of Sentinels, each with the agent that keeps the addresses. They restart neither with what
/// SENTINEL SET changes nor with what agents read from their file. `certificates`: they restart
/// when it changes.
[[nodiscard]] nlohmann::json sentinel_template(const api::RedisTopology& topology,
                                               const std::string& image,
                                               const std::string& certificates);

/// A claim, and where a program finds it.
struct MountedClaim {
    std::string name;
    std::string claim;
    std::string path;
};

/// The pod of a Job: chatflow-redis with these arguments, and what it needs to log in.
[[nodiscard]] nlohmann::json job_template(const api::RedisTopology& topology,
                                          const std::string& image, nlohmann::json arguments,
                                          const std::vector<MountedClaim>& claims);

}  // namespace chatflow::redis_topology
