#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/log.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::redis {
class Client;
class Connection;
class Reply;
}  // namespace chatflow::redis

namespace chatflow::socket {

/// Listens to what concerns all pods by plain pub/sub. One executor.
class ControlChannel {
 public:
    using OnMessage = std::function<void(std::string_view channel, std::string_view message)>;
    /// Awaited each time it listens anew, before messages are read: for reading what was missed.
    using OnListening = std::function<awaitable<void>()>;

    ControlChannel(redis::Client& redis, std::vector<std::string> channels,
                   std::vector<std::string> patterns, OnMessage on_message,
                   OnListening on_listening, Log log);

    /// Until cancelled.
    [[nodiscard]] awaitable<void> run();

 private:
    awaitable<void> listen();
    awaitable<void> subscribe(redis::Connection& connection);
    void tell(const redis::Reply& event) const;

    redis::Client& redis_;
    std::vector<std::string> channels_;
    std::vector<std::string> patterns_;
    OnMessage on_message_;
    OnListening on_listening_;
    Log log_;
};

}  // namespace chatflow::socket
