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

/// Data nodes that the spec asks for.
[[nodiscard]] int wanted_nodes(const api::RedisTopologySpec& spec);

/// All that a topology consists of, in the order of making; owned by it, so that it goes with it.
/// `image`: of nodes and Sentinels where the spec names none. `password`: for the Secret, if new.
[[nodiscard]] std::vector<DesiredObject> desired_objects(const api::RedisTopology& topology,
                                                         PodCounts counts, const std::string& image,
                                                         const std::string& password);

[[nodiscard]] std::string auth_secret_of(const std::string& topology);
/// The ConfigMap that nodes read at start, and the Secret that a user's application reads.
[[nodiscard]] std::string users_file_of(const std::string& topology);
[[nodiscard]] std::string user_secret_of(const std::string& topology, const std::string& user);

/// The Secret of a new user: `username` and `password`. Made once.
[[nodiscard]] DesiredObject user_secret(const api::RedisTopology& topology, const std::string& user,
                                        const std::string& password);

/// The ConfigMap with every user's line of redis.conf. `hashes`: SHA-256 of the passwords, as 64
/// hexadecimal digits, in the order of spec.users. They are of 190 random bits: nobody guesses
/// them.
[[nodiscard]] DesiredObject users_file(const api::RedisTopology& topology,
                                       const std::vector<std::string>& hashes);

}  // namespace chatflow::redis_topology
