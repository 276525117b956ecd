#include "workloads/chat-server/io/idempotency_store.hpp"

#include "libs/postgres/pool.hpp"

#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

// Longer than any handler runs, so that nobody takes over while one still works.
constexpr auto kClaim = R"sql(
    INSERT INTO idempotency_keys AS k (owner, key, fingerprint, operation_id, running_until)
    VALUES ($1, $2, $3, $4, clock_timestamp() + interval '15 seconds')
    ON CONFLICT (owner, key) DO UPDATE SET running_until = excluded.running_until,
        fingerprint = excluded.fingerprint, status = NULL,
        operation_id = CASE WHEN k.created_at < clock_timestamp() - make_interval(hours => $5::int)
            THEN excluded.operation_id ELSE k.operation_id END,
        created_at = CASE WHEN k.created_at < clock_timestamp() - make_interval(hours => $5::int)
            THEN clock_timestamp() ELSE k.created_at END
    WHERE k.created_at < clock_timestamp() - make_interval(hours => $5::int)
        OR (k.status IS NULL AND k.running_until < clock_timestamp()
            AND k.fingerprint = excluded.fingerprint)
    RETURNING operation_id)sql";

constexpr auto kLook =
    "SELECT fingerprint, status, location, body FROM idempotency_keys "
    "WHERE owner = $1 AND key = $2";

constexpr auto kKeep =
    "UPDATE idempotency_keys SET status = $3, location = $4, body = $5 "
    "WHERE owner = $1 AND key = $2";

constexpr auto kLetGo =
    "UPDATE idempotency_keys SET running_until = '-infinity' "
    "WHERE owner = $1 AND key = $2 AND status IS NULL";

constexpr auto kForget =
    "DELETE FROM idempotency_keys WHERE owner = $1 AND key = $2 AND status IS NULL";

constexpr auto kRemoveOld = R"sql(
    DELETE FROM idempotency_keys WHERE (owner, key) IN (SELECT owner, key FROM idempotency_keys
        WHERE created_at < clock_timestamp() - make_interval(hours => $1::int)
        ORDER BY created_at LIMIT 1000 FOR UPDATE SKIP LOCKED))sql";

Claim claim_from(const pqxx::result& rows, const KeyedRequest& request) {
    Claim claim;
    if (rows.empty()) return claim;  // taken away at this moment: the client asks again
    const auto row = rows[0];
    if (row[0].view() != request.fingerprint) {
        claim.state = Claim::State::Different;
    } else if (!row[1].is_null()) {
        claim.state = Claim::State::Answered;
        claim.answer = {row[1].as<int>(), row[2].as<std::string>(), row[3].as<std::string>()};
    }
    return claim;
}

}  // namespace

awaitable<Claim> IdempotencyStore::claim(KeyedRequest request, std::string operation_id,
                                         Deadline deadline) {
    auto claim = [request = std::move(request), id = std::move(operation_id),
                  life = life_.count()](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const auto ours =
            query.exec(kClaim, pqxx::params{request.owner, request.key, request.fingerprint, id,
                                            static_cast<int>(life)});
        if (!ours.empty()) {
            return Claim{.state = Claim::State::Ours,
                         .operation_id = ours[0][0].as<std::string>(),
                         .answer = {}};
        }
        return claim_from(query.exec(kLook, pqxx::params{request.owner, request.key}), request);
    };
    return pool_.run(std::move(claim), deadline);
}

awaitable<void> IdempotencyStore::keep(KeyedRequest request, KeptAnswer answer, Deadline deadline) {
    auto keep = [request = std::move(request),
                 answer = std::move(answer)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        query.exec(kKeep, pqxx::params{request.owner, request.key, answer.status, answer.location,
                                       answer.body});
    };
    return pool_.run(std::move(keep), deadline);
}

awaitable<void> IdempotencyStore::let_go(KeyedRequest request, Deadline deadline) {
    auto let_go = [request = std::move(request)](pqxx::connection& connection) {
        pqxx::nontransaction(connection).exec(kLetGo, pqxx::params{request.owner, request.key});
    };
    return pool_.run(std::move(let_go), deadline);
}

awaitable<void> IdempotencyStore::forget(KeyedRequest request, Deadline deadline) {
    auto forget = [request = std::move(request)](pqxx::connection& connection) {
        pqxx::nontransaction(connection).exec(kForget, pqxx::params{request.owner, request.key});
    };
    return pool_.run(std::move(forget), deadline);
}

awaitable<int> IdempotencyStore::remove_old(Deadline deadline) {
    auto remove = [life = life_.count()](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        return static_cast<int>(
            query.exec(kRemoveOld, pqxx::params{static_cast<int>(life)}).affected_rows());
    };
    return pool_.run(std::move(remove), deadline);
}

}  // namespace chatflow::chat
