#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// Where a node or Sentinel listens; `host` is an address, never a name.
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
    auto operator<=>(const Endpoint&) const = default;
};

[[nodiscard]] std::string to_string(const Endpoint& endpoint);

enum class NodeRole { Unreachable, Master, Replica };

/// A replica as its master sees it.
struct FollowerView {
    Endpoint endpoint;
    bool online = false;
    std::int64_t offset = 0;
    std::int64_t lag_seconds = 0;  // since it acknowledged last
    bool operator==(const FollowerView&) const = default;
};

/// A data node as it was seen a moment ago.
struct NodeView {
    Endpoint endpoint;
    NodeRole role = NodeRole::Unreachable;
    std::string error;  // why it is unreachable
    std::int64_t offset = 0;
    std::int64_t keys = 0;
    bool loading = false;
    // Of a replica.
    Endpoint master;
    bool link_up = false;
    std::int64_t priority = 100;
    // Of a master.
    std::vector<FollowerView> followers;
    // Of all.
    std::string run_id;  // of its process
    std::int64_t used_memory = 0;
    std::int64_t maxmemory = 0;
    std::int64_t evicted_keys = 0;
    std::int64_t keyspace_hits = 0;
    std::int64_t keyspace_misses = 0;
    std::int64_t connected_clients = 0;
    std::int64_t commands_processed = 0;
    std::int64_t slow_commands = 0;  // entries ever made in the slow log
    bool operator==(const NodeView&) const = default;
};

/// A replica as a Sentinel sees it.
struct KnownReplica {
    Endpoint endpoint;
    bool healthy = false;  // connected, and not found down
    std::int64_t priority = 100;
    std::int64_t link_down_ms = 0;  // for how long it has not heard its master
    bool operator==(const KnownReplica&) const = default;
};

/// What one Sentinel says of the master.
struct SentinelView {
    Endpoint endpoint;
    bool reachable = false;
    std::string error;                // why it is not, or knows no master
    std::optional<Endpoint> master;   // nothing: it watches none
    std::int64_t epoch = 0;           // of the master's configuration
    bool master_is_down = false;      // in its own eyes
    std::int64_t master_down_ms = 0;  // … for so long
    bool failing_over = false;
    std::int64_t other_sentinels = 0;  // that it knows
    std::int64_t quorum = 0;
    std::int64_t down_after_ms = 0;
    std::int64_t failover_timeout_ms = 0;
    std::vector<KnownReplica> replicas;
    bool operator==(const SentinelView&) const = default;
};

/// What the Sentinels say together.
struct Consensus {
    std::optional<Endpoint> master;  // of the highest epoch that anybody knows
    std::int64_t epoch = 0;
    int reachable = 0;
    int agreeing = 0;  // that name this master
};

[[nodiscard]] Consensus consensus_of(const std::vector<SentinelView>& sentinels);

[[nodiscard]] constexpr int majority_of(int sentinels) { return sentinels / 2 + 1; }

}  // namespace chatflow::redis_topology
