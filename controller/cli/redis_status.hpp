#pragma once

#include "controller/api/redis_topology.hpp"

#include <string>

namespace chatflow::cli {

/// A topology for a terminal of 80 columns: is it well, who is who, what was done last and why.
[[nodiscard]] std::string redis_text(const api::RedisTopology& topology, TimePoint now);

}  // namespace chatflow::cli
