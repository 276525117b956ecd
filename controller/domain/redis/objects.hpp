#pragma once

#include "controller/api/redis_topology.hpp"

#include <map>
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
    int asleep = 0;  // nodes without pods whose volumes wait for the end of hibernation
    bool operator==(const PodCounts&) const = default;
};

/// Data nodes that the spec asks for.
[[nodiscard]] int wanted_nodes(const api::RedisTopologySpec& spec);

/// What objects are made from, beside the topology.
struct Ingredients {
    PodCounts counts;
    std::string image;         // of nodes and Sentinels where the spec names none
    std::string password;      // for the Secret, if that is new
    std::string certificates;  // what Sentinels restart for, as sentinel_certificates() says
    bool sentinels_may_start = true;
    bool nodes_may_start = true;
};

/// All that a topology consists of, in the order of making; owned by it, so that it goes with it.
[[nodiscard]] std::vector<DesiredObject> desired_objects(const api::RedisTopology& topology,
                                                         const Ingredients& with);

/// An object of the topology that goes with it: with its labels and owner. `rest`: JSON.
[[nodiscard]] DesiredObject owned_object(const api::RedisTopology& topology,
                                         const std::string& api_version, const std::string& kind,
                                         const std::string& plural, const std::string& name,
                                         const std::string& rest);

/// A Secret whose values are in Base64 already.
[[nodiscard]] DesiredObject encoded_secret(const api::RedisTopology& topology,
                                           const std::string& name,
                                           const std::map<std::string, std::string>& data,
                                           const std::map<std::string, std::string>& annotations);

[[nodiscard]] std::string network_policy_of(const std::string& topology);
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
