#pragma once

#include "libs/async/awaitable.hpp"
#include "workloads/chat-server/domain/rate_limit.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// Sliding windows in Redis, `limit:<name>:<client>`, by the clock of Redis: exact over all pods.
/// One executor only.
class RateLimiter {
 public:
    explicit RateLimiter(redis::Client& redis) : redis_(redis) {}

    /// Counts a request; one that is refused does not count. Nothing when Redis does not answer
    /// within 100 ms.
    [[nodiscard]] awaitable<std::optional<RateVerdict>> count(std::string_view name,
                                                              RateLimit limit, std::string client);

 private:
    redis::Client& redis_;
};

}  // namespace chatflow::chat
