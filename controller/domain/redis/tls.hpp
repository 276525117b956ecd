#pragma once

#include "controller/api/redis_topology.hpp"
#include "controller/domain/redis/status.hpp"
#include "controller/domain/tls/kept.hpp"

#include <string>
#include <vector>

namespace chatflow::redis_topology {

using tls::Certificates;

/// The Secret with the server's certificate.
[[nodiscard]] std::string tls_secret_of(const api::RedisTopology& topology);

/// What every certificate of the topology is good for, whichever server shows it.
[[nodiscard]] std::string server_name_of(const api::RedisTopology& topology);

/// All names and addresses that clients, nodes and Sentinels find each other by.
[[nodiscard]] std::vector<std::string> certificate_names(const api::RedisTopology& topology,
                                                         const Observed& seen);

/// Whether every Service has an address that the certificate must be good for.
[[nodiscard]] bool has_all_addresses(const api::RedisTopology& topology, const Observed& seen);

/// Sentinels read certificates at start only: they restart, one by one, when this changes. It does
/// not when a replica more gets an address.
[[nodiscard]] std::string sentinel_certificates(const Certificates& now);

}  // namespace chatflow::redis_topology
