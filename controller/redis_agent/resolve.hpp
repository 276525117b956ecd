#pragma once

#include "controller/domain/redis/view.hpp"
#include "controller/redis_agent/options.hpp"

#include <optional>
#include <vector>

namespace chatflow::redis_agent {

/// The first IPv4 address of the host, else its first one; nothing when there is none (yet).
/// Blocks.
[[nodiscard]] std::optional<redis_topology::Endpoint> resolve(const Place& place);

/// Those that have an address. Blocks.
[[nodiscard]] std::vector<redis_topology::Endpoint> resolve(const std::vector<Place>& places);

}  // namespace chatflow::redis_agent
