#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::api {

/// Whether pods of one pool avoid each other.
enum class PostgresSpread { Preferred, Required, Off };

/// As in a pod.
struct PostgresToleration {
    std::string key;  // empty: every taint
    std::string comparison = "Equal";
    std::string value;
    std::string effect;  // empty: every one
    std::optional<std::int64_t> seconds;
    bool operator==(const PostgresToleration&) const = default;
};

/// On which nodes members, read replicas and poolers run.
struct PostgresPlacement {
    PostgresSpread nodes = PostgresSpread::Preferred;
    PostgresSpread zones = PostgresSpread::Preferred;
    std::map<std::string, std::string> node_selector;
    std::vector<PostgresToleration> tolerations;
    bool operator==(const PostgresPlacement&) const = default;
};

}  // namespace chatflow::api
