#include "workloads/chat-server/io/session_settings.hpp"

#include "libs/postgres/errors.hpp"
#include "libs/postgres/options.hpp"
#include "libs/postgres/session.hpp"

#include <string>
#include <vector>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using postgres::SessionSetting;

// Any number, the same in every chat-server.
constexpr std::int64_t kRoleLock = 0x63686174726f6c65;

const std::vector<SessionSetting>& settings() {
    static const std::vector<SessionSetting> all = {
        {"TimeZone", "UTC"},  // times are read as text
        // Every statement here looks rows up by a key. Plans are kept: one made while a table was
        // small would otherwise read the whole table when it has grown.
        {"enable_seqscan", "off"},
        {"enable_hashjoin", "off"},
        {"enable_mergejoin", "off"},
        // Without an index a plan costs so much by this that PostgreSQL would compile it, for 100
        // to 400 ms each time.
        {"jit", "off"},
        // With arrays as parameters PostgreSQL would plan each execution anew, which takes three
        // times as long as the execution. So no statement may need a plan that depends on its
        // values.
        {"plan_cache_mode", "force_generic_plan"}};
    return all;
}

// The pool's own is lost behind a pooler as well.
std::vector<SessionSetting> settings_of_role() {
    auto all = settings();
    const auto time = postgres::Options{}.statement_timeout;
    all.push_back({"statement_timeout", std::to_string(time.count())});
    return all;
}

bool has_role_settings(pqxx::transaction_base& query) {
    std::vector<std::string> wanted;
    for (const auto& [name, value] : settings_of_role()) wanted.push_back(name + "=" + value);
    return query
        .exec(
            "SELECT coalesce(array_agg(c), '{}') @> $1::text[] FROM pg_db_role_setting s, "
            "unnest(s.setconfig) c WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database "
            "WHERE datname = current_database())) AND s.setrole IN (0, (SELECT oid FROM pg_roles "
            "WHERE rolname = current_user))",
            pqxx::params{wanted})
        .one_field()
        .as<bool>();
}

}  // namespace

void give_settings(pqxx::connection& connection) {
    if (postgres::set_session(connection, settings())) return;
    pqxx::nontransaction query(connection);
    if (has_role_settings(query)) return;
    throw postgres::Unavailable(
        "PostgreSQL is reached through a pooler, and the role has not the settings that this "
        "needs: run chat-server migrate with CHATFLOW_POSTGRES_DIRECT_ADDRESS");
}

void give_settings_to_role(pqxx::connection& connection) {
    pqxx::work change(connection);
    // Two at once would change one row of the catalogue.
    change.exec("SELECT pg_advisory_xact_lock($1)", pqxx::params{kRoleLock});
    if (has_role_settings(change)) return;
    const std::string where =
        "ALTER ROLE CURRENT_USER IN DATABASE " + change.quote_name(connection.dbname());
    for (const auto& [name, value] : settings_of_role()) {
        change.exec(where + " SET " + name + " = " + change.quote(value));
    }
    change.commit();
}

}  // namespace chatflow::chat
