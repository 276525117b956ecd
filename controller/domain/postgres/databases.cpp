#include "controller/domain/postgres/databases.hpp"

#include "controller/api/postgres_topology_codec.hpp"
#include "controller/domain/objects/common.hpp"
#include "controller/domain/postgres/names.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {

namespace {

std::string doubled(const std::string& text, char quote) {
    std::string whole(1, quote);
    for (const char c : text) {
        if (c == quote) whole += c;
        whole += c;
    }
    return whole + quote;
}

std::string identifier(const std::string& name) { return doubled(name, '"'); }
/// Whatever standard_conforming_strings says.
std::string literal(const std::string& text) {
    if (!text.contains('\\')) return doubled(text, '\'');
    std::string with_pairs;
    for (const char c : text) with_pairs += c == '\\' ? std::string("\\\\") : std::string(1, c);
    return " E" + doubled(with_pairs, '\'');
}

}  // namespace

std::string user_secret(const std::string& topology, const std::string& user) {
    std::string name = topology + "-user-" + user;
    std::ranges::replace(name, '_', '-');
    return name;
}

api::Manifest user_credentials(const api::PostgresTopology& topology, const std::string& user,
                               const std::string& password) {
    const std::string& name = topology.metadata.name;
    auto meta = objects::owned_meta<api::PostgresTopology>(
        topology.metadata, user_secret(name, user),
        objects::with_common(pod_labels(name), name, "postgresql"));
    // Data volumes outlive the topology, and so do the passwords that are in them.
    meta.owner_references.clear();
    return api::secret(meta, {{"username", user},
                              {"password", password},
                              {"host", read_write_service(name)},
                              {"port", "5432"}});
}

std::vector<std::string> discreet_statements() {
    return {"SET log_statement = 'none'", "SET log_min_duration_statement = -1",
            "SET log_min_error_statement = 'panic'", "SET pg_stat_statements.track_utility = off"};
}

std::vector<std::string> user_statements(const api::PostgresTopologySpec& spec,
                                         const std::set<std::string>& there,
                                         const std::map<std::string, std::string>& verifiers) {
    auto statements = discreet_statements();
    for (const api::PostgresUser& user : spec.users) {
        const std::string role = identifier(user.name);
        if (!there.contains(user.name)) statements.push_back("CREATE ROLE " + role + " LOGIN");
        if (const auto found = verifiers.find(user.name); found != verifiers.end()) {
            statements.push_back(
                fmt::format("ALTER ROLE {} LOGIN PASSWORD {}", role, literal(found->second)));
        }
        for (const std::string& group : user.member_of) {
            statements.push_back(fmt::format("GRANT {} TO {}", identifier(group), role));
        }
    }
    return statements;
}

std::vector<std::string> database_statements(const api::PostgresTopologySpec& spec,
                                             const std::set<std::string>& there) {
    std::vector<std::string> statements;
    for (const api::PostgresDatabase& database : spec.databases) {
        statements.push_back(fmt::format(
            "{} DATABASE {} OWNER {}{}", there.contains(database.name) ? "ALTER" : "CREATE",
            identifier(database.name), there.contains(database.name) ? "TO " : "",
            identifier(database.owner)));
    }
    return statements;
}

std::vector<std::string> extension_statements(const api::PostgresDatabase& database) {
    std::vector<std::string> statements;
    for (const std::string& extension : database.extensions) {
        statements.push_back("CREATE EXTENSION IF NOT EXISTS " + identifier(extension));
    }
    return statements;
}

}  // namespace chatflow::postgres
