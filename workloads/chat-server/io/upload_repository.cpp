#include "workloads/chat-server/io/upload_repository.hpp"

#include "libs/postgres/reads.hpp"
#include "workloads/chat-server/io/job_outbox.hpp"
#include "workloads/chat-server/io/rows.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

constexpr auto kAnnounce = R"sql(
    INSERT INTO uploads (id, owner, name, media_type, extension, bytes, width, height, state)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending') ON CONFLICT (id) DO NOTHING)sql";

constexpr auto kConfirm =
    "UPDATE uploads SET state = 'stored' WHERE id = $1 AND state = 'pending' RETURNING id";

constexpr auto kFindUpload = R"sql(
    SELECT id, owner, name, media_type, extension, bytes, width, height, room_id, seq, created_at
    FROM uploads WHERE id = $1 AND state = 'stored')sql";

constexpr auto kUploadsOfMessage = R"sql(
    SELECT id, owner, name, media_type, extension, bytes, width, height, room_id, seq, created_at
    FROM uploads WHERE room_id = $1 AND seq = $2 AND state = 'stored' ORDER BY id)sql";

constexpr auto kAttach = R"sql(
    UPDATE uploads SET room_id = $2, seq = $3 WHERE id = $1 AND state = 'stored'
    AND (room_id IS NULL OR (room_id = $2 AND seq = $3)) RETURNING 1)sql";

constexpr auto kRemoveUpload =
    "UPDATE uploads SET state = 'removed' WHERE id = $1 AND state = 'stored'";

// Marked as removed at once, so that nobody attaches a file that is about to go.
constexpr auto kDueForRemoval = R"sql(
    UPDATE uploads SET state = 'removed' WHERE id IN (
        (SELECT id FROM uploads WHERE state = 'removed' LIMIT $1)
        UNION (SELECT id FROM uploads WHERE room_id IS NULL AND created_at < clock_timestamp() -
            CASE WHEN state = 'pending' THEN interval '1 hour' ELSE interval '1 day' END LIMIT $1)
        LIMIT $1)
    AND (state = 'removed' OR room_id IS NULL) RETURNING id)sql";

Upload upload_from(const pqxx::row& row) {
    return {.id = row[0].as<std::string>(),
            .owner = row[1].as<std::string>(),
            .name = row[2].as<std::string>(),
            .media_type = row[3].as<std::string>(),
            .extension = row[4].as<std::string>(),
            .bytes = row[5].as<std::int64_t>(),
            .width = row[6].as<std::int64_t>(),
            .height = row[7].as<std::int64_t>(),
            .room_id = row[8].as<std::string>(""),
            .seq = row[9].as<std::int64_t>(0),
            .created_at = rfc3339_of(row[10].view())};
}

std::string thumbnail_order(const Upload& upload, const std::vector<int>& sizes) {
    std::string list;
    for (const int size : sizes) list += (list.empty() ? "" : ",") + std::to_string(size);
    return R"({"source":")" + path_of(upload) + R"(","sizes":[)" + list + "]}";
}

}  // namespace

awaitable<void> UploadRepository::announce(Upload upload, Deadline deadline) {
    auto announce = [u = std::move(upload)](pqxx::connection& connection) {
        pqxx::nontransaction(connection)
            .exec(kAnnounce, pqxx::params{u.id, u.owner, u.name, u.media_type, u.extension, u.bytes,
                                          u.width, u.height});
    };
    return pool_.run(std::move(announce), deadline);
}

awaitable<Upload> UploadRepository::confirm(Upload upload, std::vector<int> sizes,
                                            std::string traceparent, Deadline deadline) {
    auto confirm = [u = std::move(upload), sizes = std::move(sizes),
                    traceparent = std::move(traceparent)](pqxx::connection& connection) {
        pqxx::work transaction(connection);
        const bool is_first = !transaction.exec(kConfirm, pqxx::params{u.id}).empty();
        if (is_first && !sizes.empty()) {
            put_job(transaction, {.queue = "media",
                                  .name = "thumbnails",
                                  .job_id = "upload-" + u.id,
                                  .data = thumbnail_order(u, sizes),
                                  .traceparent = traceparent});
        }
        Upload stored = upload_from(transaction.exec(kFindUpload, pqxx::params{u.id}).one_row());
        transaction.commit();
        return stored;
    };
    return pool_.run(std::move(confirm), deadline);
}

awaitable<std::optional<Upload>> UploadRepository::find(std::string id, postgres::Lsn after_write,
                                                        Deadline deadline) {
    auto find = [id = std::move(id)](pqxx::connection& connection) -> std::optional<Upload> {
        pqxx::nontransaction query(connection);
        const auto rows = query.exec(kFindUpload, pqxx::params{id});
        if (rows.empty()) return std::nullopt;
        return upload_from(rows[0]);
    };
    return reads_.run(std::move(find), after_write, deadline);
}

awaitable<std::vector<Upload>> UploadRepository::of_message(std::string room_id, std::int64_t seq,
                                                            postgres::Lsn after_write,
                                                            Deadline deadline) {
    auto list = [room_id = std::move(room_id), seq](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        std::vector<Upload> uploads;
        for (const auto& row : query.exec(kUploadsOfMessage, pqxx::params{room_id, seq})) {
            uploads.push_back(upload_from(row));
        }
        return uploads;
    };
    return reads_.run(std::move(list), after_write, deadline);
}

awaitable<UploadRepository::Attached> UploadRepository::attach(std::string id, std::string room_id,
                                                               std::int64_t seq,
                                                               Deadline deadline) {
    auto attach = [id = std::move(id), room_id = std::move(room_id),
                   seq](pqxx::connection& connection) {
        pqxx::work transaction(connection);
        // So that it has no more of them than it may have and is not deleted meanwhile.
        const pqxx::params message{room_id, seq};
        if (transaction.exec(pqxx::prepped{kLockMessage}, message).empty()) {
            return Attached::Elsewhere;
        }
        if (transaction.exec(kAttach, pqxx::params{id, room_id, seq}).empty()) {
            return Attached::Elsewhere;
        }
        const auto all = transaction.exec(kUploadsOfMessage, pqxx::params{room_id, seq});
        if (all.size() > kAttachmentsMax) return Attached::TooMany;
        transaction.commit();
        return Attached::Done;
    };
    return pool_.run(std::move(attach), deadline);
}

awaitable<bool> UploadRepository::remove(std::string id, Deadline deadline) {
    auto remove = [id = std::move(id)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        return query.exec(kRemoveUpload, pqxx::params{id}).affected_rows() > 0;
    };
    return pool_.run(std::move(remove), deadline);
}

awaitable<std::vector<std::string>> UploadRepository::due_for_removal(int limit,
                                                                      Deadline deadline) {
    auto find = [limit](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        std::vector<std::string> ids;
        for (const auto& row : query.exec(kDueForRemoval, pqxx::params{limit})) {
            ids.push_back(row[0].as<std::string>());
        }
        return ids;
    };
    return pool_.run(std::move(find), deadline);
}

awaitable<void> UploadRepository::forget(std::string id, Deadline deadline) {
    auto forget = [id = std::move(id)](pqxx::connection& connection) {
        pqxx::nontransaction(connection)
            .exec("DELETE FROM uploads WHERE id = $1", pqxx::params{id});
    };
    return pool_.run(std::move(forget), deadline);
}

}  // namespace chatflow::chat
