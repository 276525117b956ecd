#include "workloads/chat-server/io/replica_wait.hpp"

#include "libs/redis/client.hpp"

#include <chrono>
#include <utility>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookInterval = 1s;
constexpr auto kAnswerTime = 1s;

}  // namespace

awaitable<void> ReplicaWait::settle() {
    if (next_look_.has_passed()) {
        redis::Command role{"ROLE"};
        const auto reply = co_await redis_.call(std::move(role), Deadline::after(kAnswerTime));
        // ["master", offset, replicas]
        has_replica_ = reply.size() == 3 && reply[0].text() == "master" && reply[2].size() > 0;
        next_look_ = Deadline::after(kLookInterval);
    }
    if (!has_replica_) co_return;
    redis::Command wait{"WAIT", "1", "100"};
    co_await redis_.call(std::move(wait), Deadline::after(kAnswerTime));
}

}  // namespace chatflow::chat
