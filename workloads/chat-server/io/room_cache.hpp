#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/notification.hpp"
#include "workloads/chat-server/domain/room.hpp"
#include "workloads/chat-server/metrics.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// Rooms in Redis as the API shows them: `room:<id>`, for 300 s. A value gives way to a higher
/// version only, so that a slow reader cannot put an old state back after a change. Redis may be
/// away: then nothing is found, and changes are put as soon as it is back. One executor only.
class RoomCache {
 public:
    RoomCache(asio::any_io_executor executor, redis::Client& redis, Metrics& metrics);

    /// The room's JSON. Never throws for what Redis does.
    [[nodiscard]] awaitable<std::optional<std::string>> find(std::string id);

    /// After a load. What cannot be put now is forgotten.
    [[nodiscard]] awaitable<void> put_loaded(std::string id, std::int64_t version,
                                             std::string json);

    /// After a change. What cannot be put now is put later, by run().
    [[nodiscard]] awaitable<void> put_changed(std::string id, std::int64_t version,
                                              std::string json);

    /// Puts changes that Redis has missed; until cancelled.
    [[nodiscard]] awaitable<void> run();

 private:
    struct Entry {
        std::int64_t version;
        std::string json;
    };
    [[nodiscard]] awaitable<bool> put(std::string id, Entry entry);
    [[nodiscard]] awaitable<void> put_missed();

    redis::Client& redis_;
    Metrics& metrics_;
    std::unordered_map<std::string, Entry> missed_;  // by id
    Notification missed_some_;
};

}  // namespace chatflow::chat
