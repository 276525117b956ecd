#pragma once

#include "controller/api/redis_topology.hpp"
#include "controller/domain/redis/place.hpp"

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::redis_topology {

inline constexpr const char* kAgentSettingsFile = "agents.conf";  // in the ConfigMap

/// What agents read from a file each time they need it, so that a change of it restarts nobody.
struct AgentSettings {
    std::vector<Place> sentinels;
    int quorum = 2;
    std::chrono::milliseconds down_after{5000};
    std::chrono::milliseconds failover_timeout{20'000};
    std::chrono::seconds max_lag{5};  // of a replica that readers are led to
    bool operator==(const AgentSettings&) const = default;
};

/// What the spec asks for.
[[nodiscard]] AgentSettings agent_settings(const api::RedisTopology& topology);

/// Lines of a name and a value each.
[[nodiscard]] std::string to_text(const AgentSettings& settings);

/// Names that are not known are skipped: the operator may be newer than the agent. What is wrong
/// with the text otherwise.
[[nodiscard]] std::expected<AgentSettings, std::string> agent_settings_from(std::string_view text);

}  // namespace chatflow::redis_topology
