#include "controller/domain/postgres/databases.hpp"

#include "controller/reconcilers/postgres/postgres_reconciler.hpp"
#include "controller/reconcilers/postgres/random_password.hpp"
#include "controller/reconcilers/postgres/scram.hpp"
#include "libs/base/base64.hpp"

#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds kStatementsTake{20};
// A password that was changed in its Secret reaches the database within this time.
constexpr std::chrono::minutes kLookAgain{2};

std::set<std::string> names_of(const sql::Rows& rows) {
    std::set<std::string> names;
    for (const auto& row : rows) names.insert(row.at("name"));
    return names;
}

}  // namespace

awaitable<void> PostgresReconciler::prepare_databases(const ObservedTopology& seen,
                                                      Deadline deadline, const Log& log) {
    const api::PostgresTopology& topology = seen.topology;
    const auto primary = primary_of(seen);
    Memory& memory = memory_of(topology);
    const bool is_new = memory.prepared_generation != topology.metadata.generation;
    const bool is_time = seen.seen.now - memory.prepared_at >= kLookAgain;
    if (topology.spec.users.empty() || topology.spec.paused || !primary || (!is_new && !is_time)) {
        co_return;
    }
    auto verifiers = co_await user_passwords(topology, deadline);
    for (auto& [user, text] : verifiers) {
        text = scram_verifier(user, text, seen.passwords.superuser);
    }
    const Deadline limit = deadline.but_within(kStatementsTake);
    std::string failure;
    try {
        const auto there = co_await parts_.sql.run(
            *primary, {postgres::kRolesThere, postgres::kDatabasesThere}, limit);
        co_await parts_.sql.run(
            *primary, postgres::user_statements(topology.spec, names_of(there.at(0)), verifiers),
            limit);
        co_await parts_.sql.run(
            *primary, postgres::database_statements(topology.spec, names_of(there.at(1))), limit);
        for (const api::PostgresDatabase& database : topology.spec.databases) {
            if (database.extensions.empty()) continue;
            sql::Server server = *primary;
            server.database = database.name;
            co_await parts_.sql.run(std::move(server), postgres::extension_statements(database),
                                    limit);
        }
    } catch (const sql::Error& error) {
        failure = error.what();
    }
    Memory& after = memory_of(topology);
    after.prepared_at = seen.seen.now;
    if (failure.empty()) {
        after.prepared_generation = topology.metadata.generation;
        if (is_new) log.info("Users and databases are as the spec says", {});
    } else if (is_new) {
        tell(topology, {"DatabasesNotReady", failure, true}, log);
    }
}

awaitable<std::map<std::string, std::string>> PostgresReconciler::user_passwords(
    const api::PostgresTopology& topology, Deadline deadline) {
    std::map<std::string, std::string> passwords;
    for (const api::PostgresUser& user : topology.spec.users) {
        const kube::Resource resource =
            kube::core_resource("secrets", topology.metadata.name_space,
                                postgres::user_secret(topology.metadata.name, user.name));
        const auto found = co_await parts_.kube.get(resource, deadline);
        if (found) {
            const auto text = found->value("data", json::object()).value("password", "");
            if (const auto password = decode_base64(text)) passwords[user.name] = *password;
            continue;
        }
        const std::string password = random_password();
        co_await create_secret(postgres::user_credentials(topology, user.name, password),
                               topology.metadata.name_space, deadline);
        passwords[user.name] = password;
    }
    co_return passwords;
}

}  // namespace chatflow
