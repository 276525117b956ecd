#include "controller/clients/redis/ask.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <chrono>

namespace chatflow::redis_topology {
namespace {

redis::Options options_for(const Endpoint& endpoint, const Credentials& credentials,
                           Deadline deadline) {
    redis::Options options;
    options.host = endpoint.host;
    options.port = endpoint.port;
    options.username = credentials.user;
    options.password = credentials.password;
    options.client_name = "";
    options.connect_timeout =
        std::max(std::chrono::milliseconds{1},
                 std::chrono::duration_cast<std::chrono::milliseconds>(deadline.time_left()));
    return options;
}

}  // namespace

awaitable<std::vector<redis::Reply>> ask(Endpoint endpoint, Credentials credentials,
                                         std::vector<redis::Command> commands, Deadline deadline) {
    const auto connection =
        co_await redis::Connection::open(options_for(endpoint, credentials, deadline));
    for (const redis::Command& command : commands) co_await connection->send(command, deadline);
    std::vector<redis::Reply> replies;
    replies.reserve(commands.size());
    while (replies.size() < commands.size()) {
        replies.push_back(co_await connection->read(deadline));
    }
    connection->close();
    co_return replies;
}

awaitable<redis::Reply> ask_one(Endpoint endpoint, Credentials credentials, redis::Command command,
                                Deadline deadline) {
    std::vector<redis::Command> commands{std::move(command)};
    auto replies =
        co_await ask(std::move(endpoint), std::move(credentials), std::move(commands), deadline);
    if (replies.front().is_error()) {
        throw redis::ServerError(std::string(replies.front().error_text()));
    }
    co_return std::move(replies.front());
}

}  // namespace chatflow::redis_topology
