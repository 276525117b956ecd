#pragma once

#include "controller/domain/redis/view.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::redis_topology {

/// The lines "name:value" of INFO.
[[nodiscard]] std::map<std::string, std::string, std::less<>> parse_info(std::string_view text);

/// The node that answered INFO with this text.
[[nodiscard]] NodeView node_from_info(Endpoint endpoint, std::string_view info);

/// The queue whose settings BullMQ keeps in this key: "bull:NAME:meta", or with the prefix in
/// braces, "{bull}:NAME:meta", as a cluster needs it. Empty for other keys.
[[nodiscard]] std::string queue_of_key(std::string_view key);

/// Names and values as SENTINEL MASTER and SENTINEL REPLICAS list them.
using Fields = std::map<std::string, std::string, std::less<>>;

/// The Sentinel that answered with these fields.
[[nodiscard]] SentinelView sentinel_from_fields(Endpoint endpoint, const Fields& master,
                                                const std::vector<Fields>& replicas);

}  // namespace chatflow::redis_topology
