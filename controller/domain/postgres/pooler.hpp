#pragma once

#include "controller/api/core/manifest.hpp"
#include "controller/api/postgres_topology.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::postgres {

inline constexpr std::uint16_t kPoolerPort = 6432;
/// The proxy beside each PgBouncer: where it leads to the primary, and where it tells what it sees.
inline constexpr std::uint16_t kProxyPort = 5433;
inline constexpr std::uint16_t kProxyStatePort = 6433;

/// PgBouncer looks passwords up in the database kLookupDatabase as kPoolerUser; the console lets
/// kConsoleUser in.
inline constexpr const char* kPoolerUser = "chatflow_pooler";
inline constexpr const char* kConsoleUser = "chatflow_console";
inline constexpr const char* kLookupDatabase = "postgres";

[[nodiscard]] inline std::string pooler_object(const std::string& topology) {
    return topology + "-pooler";
}

/// pgbouncer.ini. No password is in it.
[[nodiscard]] std::string pooler_settings(const api::PostgresPooler& pooler,
                                          const api::PostgresTls& tls);

/// One member, as the proxy reaches it.
struct ProxyServer {
    std::string name;
    std::string host;
};

/// haproxy.cfg: leads kProxyPort to the one server whose Patroni says that it is the primary.
/// `resolvers`: whether hosts are names that may change their address.
[[nodiscard]] std::string proxy_settings(const std::vector<ProxyServer>& servers, bool resolvers);

/// The members by their names in DNS. The cluster's domain is a variable of the environment.
[[nodiscard]] std::vector<ProxyServer> proxy_servers(const api::PostgresTopology& topology);

struct PoolerPasswords {
    std::string lookup;
    std::string console;
};

/// Created once: both passwords, and the file of them that PgBouncer reads.
[[nodiscard]] api::Manifest pooler_secret(const api::PostgresTopology& topology,
                                          const PoolerPasswords& passwords);

/// What the primary has to know: the role, and the function that it may call. Idempotent.
/// `password` must be letters and digits.
[[nodiscard]] std::vector<std::string> pooler_role_statements(const std::string& password);

/// Service, ConfigMap, PodDisruptionBudget, NetworkPolicy, Deployment; none without spec.pooler.
[[nodiscard]] std::vector<api::Manifest> pooler_objects(const api::PostgresTopology& topology);

}  // namespace chatflow::postgres
