#pragma once

#include "controller/api/core/manifest.hpp"
#include "controller/api/postgres_topology.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace chatflow::postgres {

[[nodiscard]] std::string user_secret(const std::string& topology, const std::string& user);

/// Created once: name, password, and where to connect to.
[[nodiscard]] api::Manifest user_credentials(const api::PostgresTopology& topology,
                                             const std::string& user, const std::string& password);

/// Runs before statements with passwords, in the same session: nothing of it writes them down.
[[nodiscard]] std::vector<std::string> discreet_statements();

/// SQL that tells what is there, as the column "name".
inline constexpr const char* kRolesThere = "SELECT rolname AS name FROM pg_roles";
inline constexpr const char* kDatabasesThere = "SELECT datname AS name FROM pg_database";

/// Makes the roles that are missing and gives each its password, as PostgreSQL keeps it, and its
/// memberships.
[[nodiscard]] std::vector<std::string> user_statements(
    const api::PostgresTopologySpec& spec, const std::set<std::string>& there,
    const std::map<std::string, std::string>& verifiers);
/// Makes the databases that are missing and gives each its owner.
[[nodiscard]] std::vector<std::string> database_statements(const api::PostgresTopologySpec& spec,
                                                           const std::set<std::string>& there);
/// In that database.
[[nodiscard]] std::vector<std::string> extension_statements(const api::PostgresDatabase& database);

}  // namespace chatflow::postgres
