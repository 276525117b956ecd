#include "workloads/chat-server/io/error_repository.hpp"

#include "libs/auth/sha256.hpp"
#include "libs/postgres/reads.hpp"
#include "workloads/chat-server/io/rows.hpp"

#include <algorithm>
#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

constexpr std::size_t kFingerprintSize = 16;  // hexadecimal digits

constexpr auto kAddError = R"sql(
    WITH g AS (INSERT INTO error_groups AS e (fingerprint, message, sample, count)
        VALUES ($1, $2, $3, 1) ON CONFLICT (fingerprint) DO UPDATE SET count = e.count + 1,
            sample = excluded.sample, last_seen = clock_timestamp() RETURNING fingerprint)
    SELECT 1 FROM g)sql";

constexpr auto kAddMinute = R"sql(
    INSERT INTO error_minutes AS m (fingerprint, minute, count)
    VALUES ($1, date_trunc('minute', clock_timestamp()), 1)
    ON CONFLICT (fingerprint, minute) DO UPDATE SET count = m.count + 1)sql";

constexpr auto kListErrors = R"sql(
    SELECT e.fingerprint, e.sample, e.count, e.first_seen, e.last_seen, m.recent, m.before
    FROM (SELECT * FROM error_groups ORDER BY last_seen DESC LIMIT $1) e
    CROSS JOIN LATERAL (SELECT
        coalesce(sum(count) FILTER (WHERE minute > now() - interval '5 minutes'), 0)::bigint AS recent,
        coalesce(sum(count) FILTER (WHERE minute <= now() - interval '5 minutes'), 0)::bigint AS before
        FROM error_minutes m WHERE m.fingerprint = e.fingerprint
        AND minute > now() - interval '65 minutes') m
    ORDER BY e.last_seen DESC)sql";

constexpr auto kRemoveOldMinutes = R"sql(
    DELETE FROM error_minutes WHERE (fingerprint, minute) IN (SELECT fingerprint, minute
        FROM error_minutes WHERE minute < now() - interval '1 day' LIMIT 1000 FOR UPDATE SKIP LOCKED))sql";

constexpr auto kRemoveOldGroups = R"sql(
    DELETE FROM error_groups WHERE fingerprint IN (SELECT fingerprint FROM error_groups
        WHERE last_seen < now() - interval '30 days' LIMIT 1000 FOR UPDATE SKIP LOCKED))sql";

}  // namespace

awaitable<std::string> ErrorRepository::add(ErrorReport report, Deadline deadline) {
    auto add = [report = std::move(report)](pqxx::connection& connection) {
        std::string fingerprint = auth::sha256_hex(common_text(report)).substr(0, kFingerprintSize);
        pqxx::work transaction(connection);
        transaction.exec(kAddError, pqxx::params{fingerprint, report.message, to_json(report)});
        transaction.exec(kAddMinute, pqxx::params{fingerprint});
        transaction.commit();
        return fingerprint;
    };
    return pool_.run(std::move(add), deadline);
}

awaitable<std::vector<ErrorGroup>> ErrorRepository::list(int limit, postgres::Lsn after_write,
                                                         Deadline deadline) {
    auto list = [limit](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        std::vector<ErrorGroup> groups;
        for (const auto& row : query.exec(kListErrors, pqxx::params{limit})) {
            groups.push_back({.fingerprint = row[0].as<std::string>(),
                              .sample = row[1].as<std::string>(),
                              .count = row[2].as<std::int64_t>(),
                              .last_five_minutes = row[5].as<std::int64_t>(),
                              .hour_before = row[6].as<std::int64_t>(),
                              .first_seen = rfc3339_of(row[3].view()),
                              .last_seen = rfc3339_of(row[4].view())});
        }
        return groups;
    };
    return reads_.run(std::move(list), after_write, deadline);
}

awaitable<int> ErrorRepository::remove_old(Deadline deadline) {
    auto remove = [](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const auto minutes = query.exec(kRemoveOldMinutes).affected_rows();
        const auto groups = query.exec(kRemoveOldGroups).affected_rows();
        return static_cast<int>(std::max(minutes, groups));
    };
    return pool_.run(std::move(remove), deadline);
}

}  // namespace chatflow::chat
