#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::api {

/// What a parameter is, and what it will be after a restart.
struct PendingChange {
    std::string parameter;
    std::string from;
    std::string to;
    bool operator==(const PendingChange&) const = default;
};

/// One member in the answer to Patroni's GET /cluster.
struct PatroniMember {
    std::string name;
    std::string role;   // leader, sync_standby, quorum_standby, replica
    std::string state;  // running, streaming, starting, creating replica, …
    std::int64_t timeline = 0;
    std::optional<std::int64_t> lag_bytes;  // none: unknown, or the leader's
    bool pending_restart = false;
    std::vector<PendingChange> pending;  // why; may be empty although pending_restart is set
    bool operator==(const PatroniMember&) const = default;
};

struct PatroniCluster {
    std::vector<PatroniMember> members;
    bool operator==(const PatroniCluster&) const = default;
};

}  // namespace chatflow::api
