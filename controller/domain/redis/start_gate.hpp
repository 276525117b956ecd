#pragma once

#include "controller/domain/redis/view.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// What a node that is about to start knows.
struct GateInput {
    Endpoint self;
    bool has_data = false;  // its own files hold keys
    int sentinels = 3;      // of the topology, reachable or not
    std::vector<SentinelView> views;
    std::vector<NodeView> nodes;          // all others that are known, reachable or not
    std::chrono::milliseconds waited{0};  // since the first look
    std::chrono::milliseconds down_after{5000};
};

enum class Start { Wait, AsMaster, AsReplica };

struct GateDecision {
    Start start = Start::Wait;
    Endpoint master;        // AsReplica: of whom
    bool electable = true;  // AsReplica: whether it may be elected before its first copy
    std::string reason;     // in words, for the log
    bool operator==(const GateDecision&) const = default;
};

/// How a node starts. A node that was restarted or lost its data never starts as master while a
/// majority of Sentinels knows a healthy replica that may be elected, which would be wiped by it:
/// it waits until they have moved the master. Without a majority nobody starts as master.
[[nodiscard]] GateDecision decide_start(const GateInput& input);

/// For so long a replica waits for the master that is to start, too, after all were off: of them
/// the master has every acknowledged write. Then it starts, and can be elected.
inline constexpr std::chrono::milliseconds kMasterHeadStart{5000};  // beyond down_after

}  // namespace chatflow::redis_topology
