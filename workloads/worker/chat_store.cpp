#include "workloads/worker/chat_store.hpp"

#include "libs/postgres/pool.hpp"

#include <utility>

#include <pqxx/pqxx>

namespace chatflow::worker {
namespace {

constexpr auto kFirstRoom = "00000000-0000-0000-0000-000000000000";

// A worker has a few queries at a time, and counts its jobs elsewhere.
class SilentObserver final : public postgres::PoolObserver {
 public:
    void on_call(Outcome /*outcome*/, std::chrono::nanoseconds /*waited*/,
                 std::chrono::nanoseconds /*ran*/) override {}
    void on_refusal(Outcome /*outcome*/) override {}
    void on_connect(bool /*succeeded*/) override {}
};

constexpr auto kAuditTable = R"sql(
    CREATE TABLE IF NOT EXISTS audit_log (
        job         text        NOT NULL,
        recorded_at timestamptz NOT NULL,
        actor       text        NOT NULL,
        action      text        NOT NULL,
        target      text        NOT NULL,
        details     jsonb       NOT NULL,
        PRIMARY KEY (recorded_at, job)
    ))sql";

}  // namespace

struct ChatStore::Part {
    Part(postgres::Options options, Log log)
        : pool(std::move(options), [](pqxx::connection&) {}, observer, std::move(log)) {}

    SilentObserver observer;
    postgres::Pool pool;
    bool has_audit_table = false;
};

ChatStore::ChatStore(postgres::Options options, Log log)
    : part_(std::make_unique<Part>(std::move(options), std::move(log))) {}
ChatStore::~ChatStore() = default;

awaitable<std::int64_t> ChatStore::count_messages(ExportRequest request, Deadline deadline) {
    auto count = [request = std::move(request)](pqxx::connection& connection) {
        pqxx::nontransaction work(connection);
        const auto result =
            request.room_id.empty()
                ? work.exec("SELECT count(*) FROM messages WHERE sender = $1",
                            pqxx::params{request.user_id})
                : work.exec("SELECT count(*) FROM messages WHERE room_id = $1::uuid",
                            pqxx::params{request.room_id});
        return result[0][0].as<std::int64_t>();
    };
    co_return co_await part_->pool.run(std::move(count), deadline);
}

awaitable<std::vector<ExportedMessage>> ChatStore::messages_after(ExportRequest request,
                                                                  std::string room_id,
                                                                  std::int64_t seq,
                                                                  Deadline deadline) {
    auto read = [request = std::move(request), room_id = std::move(room_id),
                 seq](pqxx::connection& connection) {
        pqxx::nontransaction work(connection);
        const std::string from = room_id.empty() ? std::string(kFirstRoom) : room_id;
        const std::string filter = request.room_id.empty() ? "sender = $4" : "room_id = $4::uuid";
        const std::string query =
            "SELECT room_id::text, seq, id::text, sender, body,"
            " to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
            " FROM messages WHERE (room_id, seq) > ($1::uuid, $2::bigint) AND " +
            filter + " ORDER BY room_id, seq LIMIT $3::bigint";
        const std::string& owner = request.room_id.empty() ? request.user_id : request.room_id;
        const auto rows = work.exec(query, pqxx::params{from, seq, kPageMax, owner});
        std::vector<ExportedMessage> messages;
        for (const auto& row : rows) {
            messages.push_back({.room_id = row[0].as<std::string>(),
                                .seq = row[1].as<std::int64_t>(),
                                .id = row[2].as<std::string>(),
                                .sender = row[3].as<std::string>(),
                                .body = row[4].as<std::string>(),
                                .created_at = row[5].as<std::string>()});
        }
        return messages;
    };
    co_return co_await part_->pool.run(std::move(read), deadline);
}

awaitable<std::optional<std::int64_t>> ChatStore::last_read(std::string room_id,
                                                            std::string user_id,
                                                            Deadline deadline) {
    auto read = [room_id = std::move(room_id), user_id = std::move(user_id)](
                    pqxx::connection& connection) -> std::optional<std::int64_t> {
        pqxx::nontransaction work(connection);
        const auto rows = work.exec(
            "SELECT last_read_seq FROM room_members"
            " WHERE room_id = $1::uuid AND user_id = $2::uuid",
            pqxx::params{room_id, user_id});
        if (rows.empty()) return std::nullopt;
        return rows[0][0].as<std::int64_t>();
    };
    co_return co_await part_->pool.run(std::move(read), deadline);
}

awaitable<void> ChatStore::record(AuditEntry entry, Deadline deadline) {
    auto write = [entry = std::move(entry),
                  has_table = part_->has_audit_table](pqxx::connection& connection) {
        if (!has_table) {
            pqxx::work work(connection);
            // Two at once would both find no table.
            work.exec("SELECT pg_advisory_xact_lock(hashtext('audit_log'))");
            work.exec(kAuditTable);
            work.commit();
        }
        pqxx::nontransaction work(connection);
        work.exec(
            "INSERT INTO audit_log (job, recorded_at, actor, action, target, details)"
            " VALUES ($1, to_timestamp($2::double precision / 1000), $3, $4, $5, $6::jsonb)"
            " ON CONFLICT DO NOTHING",
            pqxx::params{entry.job, entry.timestamp_ms, entry.actor, entry.action, entry.target,
                         entry.details});
    };
    co_await part_->pool.run(std::move(write), deadline);
    part_->has_audit_table = true;
}

}  // namespace chatflow::worker
