#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::api {

/// One member in the answer to Patroni's GET /cluster.
struct PatroniMember {
    std::string name;
    std::string role;   // leader, sync_standby, quorum_standby, replica
    std::string state;  // running, streaming, starting, creating replica, …
    std::int64_t timeline = 0;
    std::optional<std::int64_t> lag_bytes;  // none: unknown, or the leader's
    bool pending_restart = false;
    bool operator==(const PatroniMember&) const = default;
};

struct PatroniCluster {
    std::vector<PatroniMember> members;
    bool operator==(const PatroniCluster&) const = default;
};

}  // namespace chatflow::api
