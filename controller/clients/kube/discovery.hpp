#pragma once

#include "controller/clients/kube/client.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace chatflow::kube {

/// What the API server calls a kind: the plural for its path, and whether it can be scaled.
struct DiscoveredKind {
    std::string plural;
    bool is_namespaced = true;
    bool has_scale = false;  // serves the subresource "scale"

    bool operator==(const DiscoveredKind&) const = default;
};

/// Maps apiVersion and kind to a path by asking the server, and remembers the answer: a known kind
/// for an hour, an unknown one for a minute (its CRD may arrive). Owned by one event loop.
class Discovery {
 public:
    explicit Discovery(Client& client) : client_(client) {}

    /// Nothing when the server does not serve that kind. Throws what Client throws.
    [[nodiscard]] awaitable<std::optional<DiscoveredKind>> find(std::string api_version,
                                                                std::string kind,
                                                                Deadline deadline);

    static constexpr std::chrono::minutes kKnownFor{60};
    static constexpr std::chrono::minutes kUnknownFor{1};
    static constexpr std::size_t kGroupsMax = 200;  // remembered at once

 private:
    struct Group {
        std::map<std::string, DiscoveredKind> kinds;
        std::chrono::steady_clock::time_point read_at{};
    };

    [[nodiscard]] awaitable<void> read(std::string api_version, Deadline deadline);

    Client& client_;
    std::map<std::string, Group> groups_;  // by apiVersion
};

}  // namespace chatflow::kube
