#pragma once

#include "controller/domain/redis/plan.hpp"

#include <string>

namespace chatflow::redis_topology {

/// What a topology that is about to get its first nodes begins with, in words: the volumes that an
/// earlier one of its name has left, or nothing.
[[nodiscard]] std::string beginning_of(const api::RedisTopology& topology, const Observed& seen);

}  // namespace chatflow::redis_topology
