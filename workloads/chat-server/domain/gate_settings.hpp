#pragma once

#include "workloads/chat-server/domain/client_address.hpp"
#include "workloads/chat-server/domain/rate_limit.hpp"

#include <optional>
#include <vector>

namespace chatflow::chat {

/// What the gate asks of requests.
struct GateSettings {
    std::optional<RateLimit> api_limit;      // per user, or per address where nobody is logged in
    std::optional<RateLimit> auth_limit;     // per address, for sign-up and log-in
    std::optional<RateLimit> export_limit;   // per user
    std::optional<RateLimit> webhook_limit;  // per address
    bool is_open_without_redis = true;       // whether requests pass while limits cannot be counted
    std::vector<Network> trusted_proxies;

    bool operator==(const GateSettings&) const = default;
};

}  // namespace chatflow::chat
