#pragma once

#include "controller/api/postgres_topology.hpp"

#include <map>
#include <string>
#include <string_view>

namespace chatflow::postgres {

inline constexpr std::string_view kTopologyLabel = "chatflow.dev/postgres-topology";
inline constexpr std::string_view kPoolLabel = "chatflow.dev/pool";
inline constexpr std::string_view kScopeLabel = "cluster-name";  // Patroni's
inline constexpr std::string_view kMemberPool = "member";
inline constexpr std::string_view kReadPool = "read";
inline constexpr std::string_view kPoolerPool = "pooler";

/// Patroni's scope is the name of the read-write Service: Patroni writes leader and address of its
/// Endpoints in one request, so that exactly one pod is routed, whoever runs or not.
[[nodiscard]] inline std::string read_write_service(const std::string& topology) {
    return topology + "-rw";
}
[[nodiscard]] inline std::string read_pool(const std::string& topology) {
    return topology + "-read";
}
[[nodiscard]] inline std::string credentials_secret(const std::string& topology) {
    return topology + "-credentials";
}
/// Of the ConfigMap, ServiceAccount, Role and RoleBinding.
[[nodiscard]] inline std::string patroni_object(const std::string& topology) {
    return topology + "-patroni";
}

/// The labels that select the pods of one pool; without a pool those of the topology.
[[nodiscard]] inline std::map<std::string, std::string> pod_labels(const std::string& topology,
                                                                   std::string_view pool = {}) {
    std::map<std::string, std::string> labels{{std::string(kTopologyLabel), topology}};
    if (!pool.empty()) labels[std::string(kPoolLabel)] = pool;
    return labels;
}

}  // namespace chatflow::postgres
