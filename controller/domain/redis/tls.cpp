#include "controller/domain/redis/tls.hpp"

#include "controller/domain/redis/config.hpp"
#include "controller/domain/redis/objects.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace chatflow::redis_topology {

std::string tls_secret_of(const api::RedisTopology& topology) {
    return tls::secret_of(topology.metadata.name, topology.spec.tls.existing_secret);
}

std::string server_name_of(const api::RedisTopology& topology) {
    const bool is_cluster = topology.spec.mode == api::RedisMode::Cluster;
    return fmt::format("{}-{}.{}.svc", topology.metadata.name, is_cluster ? "cluster" : "rw",
                       topology.metadata.name_space);
}

std::vector<std::string> certificate_names(const api::RedisTopology& topology,
                                           const Observed& seen) {
    const std::string& name = topology.metadata.name;
    const std::string& name_space = topology.metadata.name_space;
    std::vector<std::string> names{server_name_of(topology), "localhost", "127.0.0.1"};
    if (topology.spec.mode == api::RedisMode::Cluster) {
        tls::add_service(names, name + "-cluster", name_space);
    } else {
        for (const char* part : {"rw", "ro", "sentinel"}) {
            tls::add_service(names, fmt::format("{}-{}", name, part), name_space);
        }
        for (int i = 0; i < topology.spec.sentinel.instances; ++i) {
            tls::add_service(names, fmt::format("{}-sentinel-{}", name, i), name_space);
        }
    }
    names.push_back(fmt::format("*.{}-nodes.{}.svc", name, name_space));
    names.push_back(fmt::format("*.{}-nodes.{}.svc.cluster.local", name, name_space));
    for (int i = 0; i < wanted_nodes(topology.spec); ++i) {
        tls::add_service(names, fmt::format("{}-{}", name, i), name_space);
    }
    // Redis and Sentinel tell clients these.
    names.insert(names.end(), seen.hosts.begin(), seen.hosts.end());
    for (const SentinelView& sentinel : seen.sentinels) names.push_back(sentinel.endpoint.host);
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    std::erase(names, "");
    return names;
}

bool has_all_addresses(const api::RedisTopology& topology, const Observed& seen) {
    const bool is_cluster = topology.spec.mode == api::RedisMode::Cluster;
    const int sentinels = is_cluster ? 0 : topology.spec.sentinel.instances;
    return std::ssize(seen.hosts) >= wanted_nodes(topology.spec) &&
           std::ssize(seen.sentinels) >= sentinels;
}

std::string sentinel_certificates(const Certificates& now) {
    if (now.server.certificate.empty()) return {};
    // Of a certificate of the user's nobody knows why it is new.
    const std::string& server =
        tls::is_own(now) ? std::to_string(now.renewals) : now.server.certificate;
    return fingerprint({{"authorities", now.authorities}, {"server", server}});
}

}  // namespace chatflow::redis_topology
