#pragma once

#include "controller/api/postgres_topology.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::postgres {

/// Where pods find tls.crt, tls.key and ca.crt.
inline constexpr const char* kTlsFolder = "/etc/chatflow/tls";

/// The Secret with the server's certificate.
[[nodiscard]] std::string tls_secret_of(const api::PostgresTopology& topology);

/// What every certificate of the topology is good for, whichever server shows it.
[[nodiscard]] std::string server_name_of(const api::ObjectMeta& topology);

/// All names that clients find servers and poolers by.
[[nodiscard]] std::vector<std::string> certificate_names(const api::PostgresTopology& topology);

/// Of postgresql.conf; empty without spec.tls. Files are read again at a reload.
[[nodiscard]] nlohmann::json tls_parameters(const api::PostgresTls& tls);

/// `user` with what it takes to connect to other members; unchanged without spec.tls.
[[nodiscard]] nlohmann::json with_tls(nlohmann::json user, const api::PostgresTls& tls);

/// Lines of pgbouncer.ini, for both of its sides; empty without spec.tls.
[[nodiscard]] std::string pooler_tls_settings(const api::PostgresTls& tls);

/// The pod's volume with the files, and its place in a container; empty lists without spec.tls.
[[nodiscard]] nlohmann::json tls_volumes(const api::PostgresTopology& topology);
[[nodiscard]] nlohmann::json tls_mounts(const api::PostgresTls& tls);

}  // namespace chatflow::postgres
