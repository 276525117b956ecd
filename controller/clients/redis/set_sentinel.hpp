#pragma once

#include "controller/api/redis_topology.hpp"
#include "controller/clients/redis/ask.hpp"

#include <string>

namespace chatflow::redis_topology {

/// Gives a Sentinel that runs the quorum and the times of the spec for the master called `name`.
/// Throws redis::ServerError with what it refused.
[[nodiscard]] awaitable<void> set_sentinel(Endpoint sentinel, std::string name,
                                           api::RedisSentinelSpec spec, Credentials credentials,
                                           Deadline deadline);

}  // namespace chatflow::redis_topology
