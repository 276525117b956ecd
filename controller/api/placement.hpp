#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::api {

/// Whether pods of one pool avoid each other, as those of a topology that serve the same.
enum class Spread { Preferred, Required, Off };

/// As in a pod.
struct Toleration {
    std::string key;  // empty: every taint
    std::string comparison = "Equal";
    std::string value;
    std::string effect;  // empty: every one
    std::optional<std::int64_t> seconds;
    bool operator==(const Toleration&) const = default;
};

/// On which nodes the pods of a topology run.
struct Placement {
    Spread nodes = Spread::Preferred;
    Spread zones = Spread::Preferred;
    std::map<std::string, std::string> node_selector;
    std::vector<Toleration> tolerations;
    bool operator==(const Placement&) const = default;
};

}  // namespace chatflow::api
