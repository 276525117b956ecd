#include "workloads/chat-server/io/audit.hpp"

#include "libs/postgres/reads.hpp"
#include "workloads/chat-server/io/rows.hpp"

#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

constexpr auto kPutAudit = R"sql(
    INSERT INTO audit_log (job, recorded_at, actor, action, target, details)
    VALUES (concat('chat:', gen_random_uuid()), clock_timestamp(), $1, $2, $3, $4::jsonb))sql";

constexpr auto kListAudit = R"sql(
    SELECT actor, action, target, details::text, recorded_at, job FROM audit_log
    WHERE ($1 = '' OR actor = $1) AND ($2 = '' OR action = $2)
    AND (recorded_at, job) < (coalesce($3::timestamptz, 'infinity'), $4)
    ORDER BY recorded_at DESC, job DESC LIMIT $5)sql";

}  // namespace

void put_audit(pqxx::transaction_base& transaction, const AuditRecord& record) {
    transaction.exec(kPutAudit,
                     pqxx::params{record.actor, record.action, record.target, record.details});
}

awaitable<std::vector<AuditRecord>> AuditLog::list(AuditQuery query, postgres::Lsn after_write,
                                                   Deadline deadline) {
    auto list = [query = std::move(query)](pqxx::connection& connection) {
        pqxx::nontransaction ask(connection);
        const auto at = query.before ? std::optional(query.before->first) : std::nullopt;
        const std::string name = query.before ? query.before->second : "";
        std::vector<AuditRecord> records;
        for (const auto& row : ask.exec(
                 kListAudit, pqxx::params{query.actor, query.action, at, name, query.limit + 1})) {
            records.push_back({.actor = row[0].as<std::string>(),
                               .action = row[1].as<std::string>(),
                               .target = row[2].as<std::string>(),
                               .details = row[3].as<std::string>(),
                               .recorded_at = rfc3339_of(row[4].view()),
                               .name = row[5].as<std::string>()});
        }
        return records;
    };
    return reads_.run(std::move(list), after_write, deadline);
}

}  // namespace chatflow::chat
