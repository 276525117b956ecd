#include "workloads/chat-server/io/outbox_repository.hpp"

#include "libs/postgres/pool.hpp"
#include "workloads/chat-server/domain/traced.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

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

OutboxRepository::OutboxRepository(postgres::Pool& pool, std::string holder)
    : pool_(pool), holder_(std::move(holder)) {}

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
    auto remove = [ids = std::move(ids)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        query.exec(pqxx::prepped{kRemoveFromOutbox}, pqxx::params{ids});
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
