#include "controller/clients/redis/ask.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/stream.hpp"

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
    if (credentials.trust) {
        options.tls = {.enabled = true,
                       .ca_file = credentials.trust->ca_file,
                       .authorities = credentials.trust->authorities,
                       .certificate_file = {},
                       .key_file = {},
                       .server_name = credentials.trust->server_name};
    }
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

awaitable<std::string> shown_certificate(Endpoint endpoint, Credentials credentials,
                                         Deadline deadline) {
    const auto connection =
        co_await redis::Connection::open(options_for(endpoint, credentials, deadline));
    std::string fingerprint = connection->stream().peer_fingerprint();
    connection->close();
    co_return fingerprint;
}

awaitable<void> reread_certificates(Endpoint endpoint, Credentials credentials, std::string folder,
                                    Deadline deadline) {
    const std::string certificate = folder + "/tls.crt";
    const std::string key = folder + "/tls.key";
    const std::string authorities = folder + "/ca.crt";
    const redis::Command read{"CONFIG",       "SET", "tls-cert-file",    certificate,
                              "tls-key-file", key,   "tls-ca-cert-file", authorities};
    co_await ask_one(std::move(endpoint), std::move(credentials), read, deadline);
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
