#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/log.hpp"
#include "workloads/chat-server/domain/near_copies.hpp"
#include "workloads/chat-server/domain/room.hpp"
#include "workloads/chat-server/io/key_changes.hpp"
#include "workloads/chat-server/io/missed_changes.hpp"
#include "workloads/chat-server/metrics.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// Rooms in Redis as the API shows them: `room:<id>`, for 300 s. A value gives way to a higher
/// version only, so that a slow reader cannot put an old state back after a change. What was read
/// is kept near for a second at most, as long as Redis tells of changes. Redis may be away: then
/// nothing is found, and changes are put as soon as it is back. One executor only.
class RoomCache {
 public:
    RoomCache(asio::any_io_executor executor, redis::Client& redis, CacheMetrics& metrics,
              CacheMetrics& near_metrics, const Log& log);

    /// The room's JSON, if it is here. For find() when it is not.
    [[nodiscard]] std::optional<std::string> find_near(const std::string& id);

    /// The room's JSON, from Redis. Never throws for what Redis does.
    [[nodiscard]] awaitable<std::optional<std::string>> find(std::string id);

    /// After a load. What cannot be put now is forgotten.
    [[nodiscard]] awaitable<void> put_loaded(std::string id, std::int64_t version,
                                             std::string json);

    /// After a change. What cannot be put now is put later, by run().
    [[nodiscard]] awaitable<void> put_changed(std::string id, std::int64_t version,
                                              std::string json);

    /// Puts changes that Redis has missed; until cancelled.
    [[nodiscard]] awaitable<void> run();
    /// Hears of changes, without which nothing is kept near; until cancelled.
    [[nodiscard]] awaitable<void> listen();

 private:
    struct Entry {
        std::int64_t version;
        std::string json;
    };
    [[nodiscard]] awaitable<bool> put(std::string id, Entry entry);
    void on_change(std::string_view key);

    redis::Client& redis_;
    CacheMetrics& metrics_;
    CacheMetrics& near_metrics_;
    NearCopies near_;  // by id
    KeyChanges changes_;
    MissedChanges<Entry> missed_;  // by id
};

}  // namespace chatflow::chat
