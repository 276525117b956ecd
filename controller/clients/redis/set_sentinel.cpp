#include "controller/clients/redis/set_sentinel.hpp"

#include "libs/redis/errors.hpp"

namespace chatflow::redis_topology {

awaitable<void> set_sentinel(Endpoint sentinel, std::string name, api::RedisSentinelSpec spec,
                             Credentials credentials, Deadline deadline) {
    const auto set = [&name](std::string_view option, std::int64_t value) {
        return redis::Command{"SENTINEL", "SET", name, option, std::to_string(value)};
    };
    std::vector<redis::Command> commands;
    commands.push_back(set("quorum", spec.quorum));
    commands.push_back(set("down-after-milliseconds", spec.down_after_seconds * 1000));
    commands.push_back(set("failover-timeout", spec.failover_timeout_seconds * 1000));
    // Not to be seen in SENTINEL MASTER: it goes with the time that is.
    commands.push_back(set("master-reboot-down-after-period", spec.down_after_seconds * 1000));
    const auto replies =
        co_await ask(std::move(sentinel), std::move(credentials), std::move(commands), deadline);
    for (const redis::Reply& reply : replies) {
        if (reply.is_error()) throw redis::ServerError(std::string(reply.error_text()));
    }
}

}  // namespace chatflow::redis_topology
