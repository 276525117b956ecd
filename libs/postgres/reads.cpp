#include "libs/postgres/reads.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/postgres/errors.hpp"
#include "libs/postgres/session.hpp"

#include <string>

#include <pqxx/connection>
#include <pqxx/nontransaction>

namespace chatflow::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookInterval = 250ms;
constexpr auto kLookTime = 2s;

// What the server of this thread's connection is known to have replayed: it only grows.
thread_local Lsn replayed_by_server{};

Lsn ask(pqxx::connection& connection, const char* sql) {
    pqxx::nontransaction query(connection);
    return parse_lsn(query.query_value<std::string>(sql)).value_or(Lsn{});
}

}  // namespace

bool has_replayed(pqxx::connection& connection, Lsn needed) {
    if (replayed_by_server >= needed) return true;
    // A replica that was promoted is the primary, and replays no more.
    replayed_by_server =
        ask(connection,
            "SELECT coalesce(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
            "ELSE pg_current_wal_insert_lsn() END, '0/0')");
    return replayed_by_server >= needed;
}

PooledConnection::Prepare for_replica(PooledConnection::Prepare prepare) {
    return [prepare = std::move(prepare)](pqxx::connection& connection) {
        replayed_by_server = Lsn{};
        if (!is_session_ours(connection)) {
            throw Unavailable(
                "a replica cannot be read through a pooler, which may lead to another");
        }
        if (prepare) prepare(connection);
    };
}

Lsn written_up_to(pqxx::connection& connection) {
    return ask(connection, "SELECT pg_current_wal_insert_lsn()");
}

Reads::Reads(Pool& primary, Pool* replica, ReadOptions options, ReadObserver& observer)
    : primary_(primary),
      replica_(replica),
      options_(options),
      observer_(observer),
      floor_(options.lag_max) {}

awaitable<void> Reads::follow_primary() {
    for (;;) {
        const auto asked_at = std::chrono::steady_clock::now();
        try {
            auto look = [](pqxx::connection& connection) { return written_up_to(connection); };
            const Lsn written = co_await primary_.run(std::move(look), Deadline::after(kLookTime));
            floor_.note(asked_at, written);
        } catch (const Error&) {  // a primary that is away writes nothing
        }
        oldest_.store(floor_.at(std::chrono::steady_clock::now()));
        co_await sleep_until(Deadline::after(kLookInterval));
    }
}

}  // namespace chatflow::postgres
