#include "libs/postgres/session.hpp"

#include <vector>

#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/params>
#include <pqxx/result>

namespace chatflow::postgres {

// A pooler gives its clients a number of its own in place of the backend's.
bool set_session(pqxx::connection& connection, std::span<const SessionSetting> settings) {
    std::vector<std::string> names;
    std::vector<std::string> values;
    for (const SessionSetting& setting : settings) {
        names.push_back(setting.name);
        values.push_back(setting.value);
    }
    const pqxx::params parameters{names, values, connection.backendpid()};
    pqxx::nontransaction query(connection);
    const auto done = query.exec(
        "SELECT set_config(s.name, s.value, false) FROM unnest($1::text[], $2::text[]) "
        "AS s (name, value) WHERE pg_backend_pid() = $3::integer",
        parameters);
    return !done.empty();
}

bool is_session_ours(pqxx::connection& connection) {
    pqxx::nontransaction query(connection);
    return query.query_value<int>("SELECT pg_backend_pid()") == connection.backendpid();
}

}  // namespace chatflow::postgres
