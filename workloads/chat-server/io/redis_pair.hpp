#pragma once

#include "libs/async/task_group.hpp"
#include "libs/base/log.hpp"
#include "libs/redis/client.hpp"
#include "workloads/chat-server/config.hpp"

#include <optional>

namespace chatflow::chat {

/// The two Redis of a platform, for one executor: the cache, which may forget at any time, and the
/// queue, which keeps jobs and what rooms are told. One connection where they are one server.
class RedisPair {
 public:
    RedisPair(const asio::any_io_executor& executor, const Config& config, const Log& log);

    /// Keeps the connections until cancelled.
    void keep_connected(TaskGroup& tasks);

    [[nodiscard]] redis::Client& cache() { return cache_; }
    [[nodiscard]] redis::Client& queue() { return own_queue_ ? *own_queue_ : cache_; }
    [[nodiscard]] bool are_two() const { return own_queue_.has_value(); }

 private:
    redis::Client cache_;
    std::optional<redis::Client> own_queue_;
};

}  // namespace chatflow::chat
