#include "workloads/chat-server/io/migrations.hpp"

#include "libs/auth/sha256.hpp"
#include "libs/postgres/session.hpp"

#include <chrono>
#include <map>
#include <stdexcept>
#include <string_view>
#include <thread>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

// Any number, the same in every chat-server: "chatflow" in ASCII.
constexpr std::int64_t kLockNumber = 0x63686174666c6f77;
constexpr std::chrono::milliseconds kBetweenAttempts{200};

// Whoever changes a table waits for those that use it, a backup for example, and everybody else
// waits behind him. So he waits for a moment only, lets the others pass, and tries again.
constexpr auto kLockTime = "SET LOCAL lock_timeout = '1s'";
constexpr auto kLockNotAvailable = "55P03";
constexpr std::chrono::seconds kBetweenLocks{2};
constexpr int kLockAttempts = 200;  // ten minutes

void create_table(pqxx::connection& connection) {
    pqxx::nontransaction(connection)
        .exec(
            "CREATE TABLE IF NOT EXISTS schema_migrations ("
            "number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, "
            "applied_at timestamptz NOT NULL DEFAULT clock_timestamp())");
}

std::map<int, std::string> applied_checksums(pqxx::connection& connection) {
    std::map<int, std::string> checksums;
    pqxx::nontransaction query(connection);
    for (const auto& row : query.exec("SELECT number, checksum FROM schema_migrations")) {
        checksums[row[0].as<int>()] = row[1].as<std::string>();
    }
    return checksums;
}

void note(pqxx::transaction_base& transaction, const Migration& migration) {
    transaction.exec(
        "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
        pqxx::params{migration.number, migration.name, auth::sha256_hex(migration.sql)});
}

// Each statement for itself: what is built concurrently refuses a transaction around it. Done
// again from the beginning when it was interrupted.
void apply_outside(pqxx::connection& connection, const Migration& migration) {
    pqxx::nontransaction session(connection);
    std::string_view rest = migration.sql;
    while (!rest.empty()) {
        const auto end = rest.find(";\n");
        const auto statement = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
        if (statement.find_first_not_of(" \n") != std::string_view::npos) {
            session.exec(std::string(statement));
        }
    }
    note(session, migration);
}

void apply(pqxx::connection& connection, const Migration& migration) {
    if (migration.sql.starts_with("-- outside a transaction\n")) {
        apply_outside(connection, migration);
        return;
    }
    for (int attempt = 1;; ++attempt) {
        try {
            pqxx::work transaction(connection);
            transaction.exec(kLockTime);
            transaction.exec(std::string(migration.sql));
            note(transaction, migration);
            transaction.commit();
            return;
        } catch (const pqxx::sql_error& error) {
            if (error.sqlstate() != kLockNotAvailable || attempt == kLockAttempts) throw;
        }
        std::this_thread::sleep_for(kBetweenLocks);
    }
}

// Held by the session, so that it outlives the transactions of the single migrations. Asked for
// again and again: a session that waits for it inside PostgreSQL has a snapshot, and who builds an
// index concurrently waits for all snapshots.
class AdvisoryLock {
 public:
    explicit AdvisoryLock(pqxx::connection& connection) : connection_(connection) {
        pqxx::nontransaction query(connection_);
        // A migration may take longer than a statement usually may.
        query.exec("SET statement_timeout = 0");
        const pqxx::params lock{kLockNumber};
        while (!query.exec("SELECT pg_try_advisory_lock($1)", lock).one_field().as<bool>()) {
            std::this_thread::sleep_for(kBetweenAttempts);
        }
    }
    ~AdvisoryLock() {
        try {
            pqxx::nontransaction(connection_)
                .exec("SELECT pg_advisory_unlock($1)", pqxx::params{kLockNumber});
        } catch (const std::exception&) {
            // The lock ends with the connection, which is broken then.
        }
    }
    AdvisoryLock(const AdvisoryLock&) = delete;
    AdvisoryLock& operator=(const AdvisoryLock&) = delete;

 private:
    pqxx::connection& connection_;
};

}  // namespace

int newest_migration() { return migrations().back().number; }

std::vector<std::string> migrate(pqxx::connection& connection, std::span<const Migration> wanted) {
    if (!postgres::is_session_ours(connection)) {
        throw std::runtime_error(
            "migrations hold a lock of their session and cannot go through a pooler: set "
            "CHATFLOW_POSTGRES_DIRECT_ADDRESS");
    }
    const AdvisoryLock lock(connection);
    create_table(connection);
    const auto applied = applied_checksums(connection);
    std::vector<std::string> done;
    for (const Migration& migration : wanted) {
        const auto earlier = applied.find(migration.number);
        if (earlier == applied.end()) {
            apply(connection, migration);
            done.emplace_back(migration.name);
        } else if (earlier->second != auth::sha256_hex(migration.sql)) {
            throw std::runtime_error("migration " + std::string(migration.name) +
                                     " was changed after it had been applied; "
                                     "add a new migration instead");
        }
    }
    return done;
}

int schema_version(pqxx::connection& connection) {
    pqxx::nontransaction query(connection);
    const bool exists =
        query.query_value<bool>("SELECT to_regclass('schema_migrations') IS NOT NULL");
    if (!exists) return 0;
    return query.query_value<int>("SELECT coalesce(max(number), 0) FROM schema_migrations");
}

}  // namespace chatflow::chat
