#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/log.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace chatflow::redis {
class Client;
class Reply;
}  // namespace chatflow::redis

namespace chatflow::chat {

/// Hears from Redis which keys of a prefix change, whoever changes them (CLIENT TRACKING in
/// broadcasting mode), on a connection of its own to where `redis` is connected. Not for a cluster,
/// whose nodes tell of their own keys only. One executor, that of the client.
class KeyChanges {
 public:
    /// A key that changed; "" says that anything may have: Redis was emptied, or could not be heard
    /// for a while.
    using OnChange = std::function<void(std::string_view key)>;

    KeyChanges(redis::Client& redis, std::string prefix, OnChange on_change, Log log);

    /// Until cancelled.
    [[nodiscard]] awaitable<void> run();

    /// Whether every change on the server that `redis` talks to now is heard.
    [[nodiscard]] bool is_listening() const;

 private:
    awaitable<void> listen();
    void tell(const redis::Reply& event) const;

    redis::Client& redis_;
    std::string prefix_;
    OnChange on_change_;
    Log log_;
    std::uint64_t heard_of_ = 0;  // which of the client's connections; 0: none
};

}  // namespace chatflow::chat
