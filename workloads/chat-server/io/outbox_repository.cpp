#include "workloads/chat-server/io/outbox_repository.hpp"

#include "libs/postgres/pool.hpp"
#include "workloads/chat-server/domain/traced.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

// As kRemoveFromOutbox. The job's id is the message's: a row that comes back makes the same job.
constexpr auto kRemoveAndNotify = R"sql(
    WITH gone AS (DELETE FROM outbox WHERE id = ANY ($1::bigint[])
            AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'
            RETURNING id, room_id, event, trace),
        sent AS (SELECT g.id, g.room_id, g.trace, g.event::json -> 1 AS message
            FROM gone g JOIN rooms r ON r.id = g.room_id AND r.kind = 'direct'
            WHERE g.event LIKE '["message.created"%')
    INSERT INTO job_outbox (queue, name, job_id, data)
    SELECT 'notifications', 'message', concat('message-', s.message ->> 'messageId'),
        json_strip_nulls(json_build_object('userId', other.user_id,
            'title', coalesce(nullif(sender.display_name, ''), sender.handle),
            'text', left(s.message ->> 'body', $2), 'roomId', s.room_id,
            'seq', s.message -> 'seq', 'traceparent', s.trace))::text
    FROM sent s JOIN users sender ON sender.id = (s.message ->> 'senderId')::uuid
    JOIN room_members other ON other.room_id = s.room_id AND other.user_id <> sender.id
    ORDER BY s.id)sql";

constexpr int kNotifiedTextMax = 200;  // characters of a message that a notification shows

// Whether the lease is ours, and for long enough to leave it alone. There is one row at least while
// it is ours.
bool is_held(const pqxx::result& rows) { return !rows.empty() && !rows[0][5].as<bool>(); }

OutboxRepository::Batch batch_of(const pqxx::result& rows) {
    OutboxRepository::Batch batch{.is_ours = !rows.empty()};
    for (const auto& row : rows) {
        if (row[0].is_null()) break;  // the lease is ours, and nothing is to be told
        batch.rows.push_back(
            {.id = row[0].as<std::int64_t>(),
             .room_id = row[1].is_null() ? "" : row[1].as<std::string>(),
             .once = row[2].as<std::string>(),
             .event = with_traceparent(row[3].as<std::string>(), row[6].as<std::string>("")),
             .age = std::chrono::milliseconds(row[4].as<std::int64_t>())});
    }
    return batch;
}

}  // namespace

OutboxRepository::OutboxRepository(postgres::Pool& pool, std::string holder, bool notifies)
    : pool_(pool), holder_(std::move(holder)), notifies_(notifies) {}

awaitable<OutboxRepository::Batch> OutboxRepository::take(std::size_t count, Deadline deadline) {
    auto take = [holder = holder_, count](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{holder, count};
        auto rows = query.exec(pqxx::prepped{kReadOutbox}, values);
        if (!is_held(rows)) {
            query.exec(pqxx::prepped{kTakeLease}, pqxx::params{holder});
            rows = query.exec(pqxx::prepped{kReadOutbox}, values);
        }
        return batch_of(rows);
    };
    return pool_.run(std::move(take), deadline);
}

awaitable<void> OutboxRepository::lift_ended_bans(Deadline deadline) {
    auto lift = [holder = holder_](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        query.exec(pqxx::prepped{kLiftEndedBans}, pqxx::params{holder});
    };
    return pool_.run(std::move(lift), deadline);
}

awaitable<void> OutboxRepository::remove(std::vector<std::int64_t> ids, Deadline deadline) {
    auto remove = [ids = std::move(ids), notifies = notifies_](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        if (notifies) {
            query.exec(kRemoveAndNotify, pqxx::params{ids, kNotifiedTextMax});
        } else {
            query.exec(pqxx::prepped{kRemoveFromOutbox}, pqxx::params{ids});
        }
    };
    return pool_.run(std::move(remove), deadline);
}

awaitable<void> OutboxRepository::release(Deadline deadline) {
    auto release = [holder = holder_](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        query.exec(pqxx::prepped{kReleaseLease}, pqxx::params{holder});
    };
    return pool_.run(std::move(release), deadline);
}

}  // namespace chatflow::chat
