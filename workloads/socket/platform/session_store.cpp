#include "workloads/socket/platform/session_store.hpp"

#include "libs/redis/client.hpp"

#include <utility>

namespace chatflow::socket {

SessionStore::SessionStore(redis::Client& redis, std::string prefix, std::chrono::seconds kept_for)
    : redis_(redis), prefix_(std::move(prefix)), kept_for_(std::to_string(kept_for.count())) {}

awaitable<void> SessionStore::put(std::string id, SessionRecord record, Deadline deadline) {
    const auto name = key(id);
    const auto json = to_json(record);
    redis::Command set{"SET", name, json, "EX", kept_for_};
    co_await redis_.call(std::move(set), deadline);
}

awaitable<std::optional<SessionRecord>> SessionStore::find(std::string id, Deadline deadline) {
    const auto name = key(id);
    redis::Command get{"GET", name};
    const auto reply = co_await redis_.call(std::move(get), deadline);
    const auto json = reply.optional_text();
    if (!json) co_return std::nullopt;
    co_return parse_session(*json);
}

awaitable<void> SessionStore::remove(std::string id, Deadline deadline) {
    const auto name = key(id);
    redis::Command del{"DEL", name};
    co_await redis_.call(std::move(del), deadline);
}

}  // namespace chatflow::socket
