#include "workloads/chat-server/io/redis_pair.hpp"

namespace chatflow::chat {

RedisPair::RedisPair(const asio::any_io_executor& executor, const Config& config, const Log& log)
    : cache_(executor, config.redis, log) {
    if (config.queue_redis) own_queue_.emplace(executor, *config.queue_redis, log);
}

void RedisPair::keep_connected(TaskGroup& tasks) {
    tasks.spawn(cache_.run());
    if (own_queue_) tasks.spawn(own_queue_->run());
}

}  // namespace chatflow::chat
