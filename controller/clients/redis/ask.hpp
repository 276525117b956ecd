#pragma once

#include "controller/domain/redis/view.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/redis/command.hpp"
#include "libs/redis/reply.hpp"

#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// Who we are to the nodes and Sentinels of one topology.
struct Credentials {
    std::string user;      // empty: the default one
    std::string password;  // empty: none is asked for
};

/// Sends the commands on a connection of their own and returns the replies, of which some may be
/// errors. Throws redis::Error when there is no answer; the deadline holds for all together.
[[nodiscard]] awaitable<std::vector<redis::Reply>> ask(Endpoint endpoint, Credentials credentials,
                                                       std::vector<redis::Command> commands,
                                                       Deadline deadline);

/// One command whose reply must not be an error; throws redis::ServerError for one.
[[nodiscard]] awaitable<redis::Reply> ask_one(Endpoint endpoint, Credentials credentials,
                                              redis::Command command, Deadline deadline);

}  // namespace chatflow::redis_topology
