#include "workloads/socket/auth/postgres_membership.hpp"

#include "libs/postgres/pool.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"

#include <optional>
#include <utility>

#include <pqxx/pqxx>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

constexpr auto kCacheTime = 100ms;

// Ids that are no UUIDs name no room and no user; compared as texts they need no check.
constexpr const char* kMayJoin =
    "SELECT r.kind = 'public' OR EXISTS (SELECT 1 FROM room_members m "
    "WHERE m.room_id = r.id AND m.user_id::text = $2) FROM rooms r WHERE r.id::text = $1";

awaitable<std::optional<bool>> cached(redis::Client& redis, const std::string& key) {
    if (!redis.is_connected()) co_return std::nullopt;
    try {
        redis::Command ask{"GET", key};
        const auto reply = co_await redis.call(std::move(ask), Deadline::after(kCacheTime));
        const auto text = reply.optional_text();
        if (text) co_return *text == "1";
    } catch (const redis::Error&) {  // as if it were not there
    }
    co_return std::nullopt;
}

awaitable<void> keep(redis::Client& redis, const std::string& key, bool answer,
                     std::chrono::seconds kept_for) {
    if (!redis.is_connected()) co_return;
    const auto seconds = std::to_string(kept_for.count());
    try {
        redis::Command put{"SET", key, answer ? "1" : "0", "EX", seconds};
        co_await redis.call(std::move(put), Deadline::after(kCacheTime));
    } catch (const redis::Error&) {  // it will be asked for again
    }
}

}  // namespace

PostgresMembership::PostgresMembership(postgres::Pool& pool, redis::Client& redis,
                                       std::chrono::seconds kept_for)
    : pool_(pool), redis_(redis), kept_for_(kept_for) {}

awaitable<bool> PostgresMembership::may_join(std::string user, std::string room,
                                             Deadline deadline) {
    const std::string key = "member:" + room + ":" + user;
    const auto known = co_await cached(redis_, key);
    if (known) co_return *known;
    auto ask = [user, room](pqxx::connection& connection) {
        pqxx::read_transaction transaction(connection);
        const auto rows = transaction.exec(kMayJoin, pqxx::params(room, user));
        return !rows.empty() && rows[0][0].as<bool>();
    };
    const bool answer = co_await pool_.run(std::move(ask), deadline);
    co_await keep(redis_, key, answer, kept_for_);
    co_return answer;
}

}  // namespace chatflow::socket
