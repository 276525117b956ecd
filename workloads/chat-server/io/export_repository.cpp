#include "workloads/chat-server/io/export_repository.hpp"

#include "libs/postgres/pool.hpp"
#include "workloads/chat-server/io/job_outbox.hpp"
#include "workloads/chat-server/io/rows.hpp"

#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

constexpr auto kInsertExport =
    "INSERT INTO exports (id, user_id, room_id) VALUES ($1, $2, nullif($3, '')::uuid) "
    "ON CONFLICT (id) DO NOTHING RETURNING 1";

constexpr auto kFindExport = R"sql(
    SELECT e.id, e.created_at, EXISTS (SELECT 1 FROM job_outbox
        WHERE queue = 'exports' AND job_id = concat('export-', e.id))
    FROM exports e WHERE e.id = $1 AND e.user_id = $2)sql";

// Ids begin with the milliseconds since 1970, so that the old ones are at the key's beginning. One
// whose job is not in its queue yet stays.
constexpr auto kRemoveOld = R"sql(
    DELETE FROM exports WHERE id IN (SELECT e.id FROM exports e
        WHERE e.id < concat(lpad(to_hex((1000 * extract(epoch FROM
            now() - make_interval(hours => $1::int)))::bigint), 12, '0'),
            repeat('0', 20))::uuid
        AND NOT EXISTS (SELECT 1 FROM job_outbox
            WHERE queue = 'exports' AND job_id = concat('export-', e.id))
        ORDER BY e.id LIMIT $2::int FOR UPDATE SKIP LOCKED))sql";

std::optional<Export> find_export(pqxx::transaction_base& query, const std::string& id,
                                  const std::string& user_id) {
    const auto rows = query.exec(kFindExport, pqxx::params{id, user_id});
    if (rows.empty()) return std::nullopt;
    return Export{.id = rows[0][0].as<std::string>(),
                  .created_at = rfc3339_of(rows[0][1].view()),
                  .is_queued = rows[0][2].as<bool>()};
}

}  // namespace

awaitable<Export> ExportRepository::insert(std::string id, std::string user_id, std::string room_id,
                                           std::string traceparent, Deadline deadline) {
    auto insert = [id = std::move(id), user_id = std::move(user_id), room_id = std::move(room_id),
                   traceparent = std::move(traceparent)](pqxx::connection& connection) {
        pqxx::work transaction(connection);
        const bool is_new =
            !transaction.exec(kInsertExport, pqxx::params{id, user_id, room_id}).empty();
        if (is_new) {
            put_job(transaction, {.queue = "exports",
                                  .name = "export",
                                  .job_id = "export-" + id,
                                  .data = room_id.empty() ? R"({"userId":")" + user_id + "\"}"
                                                          : R"({"roomId":")" + room_id + "\"}",
                                  .traceparent = traceparent});
        }
        auto made = find_export(transaction, id, user_id);
        transaction.commit();
        return std::move(made).value();
    };
    return pool_.run(std::move(insert), deadline);
}

awaitable<std::optional<Export>> ExportRepository::find(std::string id, std::string user_id,
                                                        Deadline deadline) {
    auto find = [id = std::move(id), user_id = std::move(user_id)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        return find_export(query, id, user_id);
    };
    return pool_.run(std::move(find), deadline);
}

awaitable<int> ExportRepository::remove_older(std::chrono::hours age, Deadline deadline) {
    auto remove = [hours = static_cast<int>(age.count())](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        return static_cast<int>(
            query.exec(kRemoveOld, pqxx::params{hours, kPiece}).affected_rows());
    };
    return pool_.run(std::move(remove), deadline);
}

}  // namespace chatflow::chat
