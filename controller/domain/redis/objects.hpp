#pragma once

#include "controller/api/redis_topology.hpp"

#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// An object to be applied, as JSON.
struct DesiredObject {
    std::string group;
    std::string version;
    std::string plural;
    std::string name;
    std::string json;
    // Made once and then left to others: a Secret's password, a route.
    bool create_only = false;
};

/// How many pods there shall be now; fewer or more than the spec says while pods are drained.
struct PodCounts {
    int nodes = 0;
    int sentinels = 0;
};

/// All that a topology consists of, in the order of making; owned by it, so that it goes with it.
/// `image`: of nodes and Sentinels where the spec names none. `password`: for the Secret, if new.
[[nodiscard]] std::vector<DesiredObject> desired_objects(const api::RedisTopology& topology,
                                                         PodCounts counts, const std::string& image,
                                                         const std::string& password);

[[nodiscard]] std::string auth_secret_of(const std::string& topology);

}  // namespace chatflow::redis_topology
