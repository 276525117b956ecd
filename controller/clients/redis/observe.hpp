#pragma once

#include "controller/clients/redis/ask.hpp"
#include "controller/domain/redis/view.hpp"

#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// What the node says of itself; who does not answer is Unreachable with the error. Never throws
/// for want of an answer.
[[nodiscard]] awaitable<NodeView> observe_node(Endpoint endpoint, Credentials credentials,
                                               Deadline deadline);

/// What the Sentinel says of the master called `name`.
[[nodiscard]] awaitable<SentinelView> observe_sentinel(Endpoint endpoint, std::string name,
                                                       Credentials credentials, Deadline deadline);

/// All of them at once, in the order of `endpoints`.
[[nodiscard]] awaitable<std::vector<NodeView>> observe_nodes(std::vector<Endpoint> endpoints,
                                                             Credentials credentials,
                                                             Deadline deadline);
[[nodiscard]] awaitable<std::vector<SentinelView>> observe_sentinels(
    std::vector<Endpoint> endpoints, std::string name, Credentials credentials, Deadline deadline);

}  // namespace chatflow::redis_topology
