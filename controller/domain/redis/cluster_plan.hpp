#pragma once

#include "controller/domain/redis/cluster_view.hpp"
#include "controller/domain/redis/plan.hpp"

#include <array>
#include <string>
#include <vector>

namespace chatflow::redis_topology {

enum class ClusterStepKind {
    Meet,       // introduce `node` to `other`
    Assign,     // `node` takes slots that nobody has
    Replicate,  // `node` becomes a replica of `id`
    Forget,     // `tell` strike out `id`, which is gone for good
    Close,      // `node` forgets that a slot that is its own was on its way
    Move,       // slots with their keys from `node` to `other`
    Failover,   // the replica `node` takes over from its master, which waits for it
    Restart,    // delete the pod, so that it comes back with the new template
};

/// One thing to do, with its reason in words.
struct ClusterStep {
    ClusterStepKind kind = ClusterStepKind::Meet;
    std::string pod;  // of `node`
    Endpoint node;
    Endpoint other;
    std::string id;       // Replicate: the master's; Forget: whose; Move: that of `other`
    std::string from_id;  // Move: that of `node`
    std::vector<int> slots;
    std::vector<Endpoint> tell;  // Forget, Move: who has to hear of it
    std::string reason;
    bool operator==(const ClusterStep&) const = default;
};

struct ClusterPlan {
    PodCounts counts;  // pods that there shall be now
    std::vector<ClusterStep> steps;
    std::string waits_for;  // why no further step is taken now; empty: all is done
};

/// A group of pods that hold the same slots: `replicasPerShard` + 1 of them, by ordinal.
struct Shard {
    std::string master;  // the pod that serves the slots; empty while there is none
    std::vector<int> slots;
    int in_sync = 0;  // replicas with their link up
};

/// Who serves what, from what the nodes say of themselves; of two who claim a slot the one with
/// the higher epoch. What only others remember belongs to nodes that do not answer.
struct ClusterState {
    std::vector<Shard> shards;
    int assigned = 0;  // slots that a node has, reachable or not
    int served = 0;    // … that a reachable master has
};

[[nodiscard]] ClusterState cluster_state(const api::RedisTopology& topology, const Observed& seen);

/// What to do next: introduces nodes, gives out slots once, makes replicas, moves slots so that
/// the wanted shards have them evenly, restarts in order. Elections are the cluster's own: a
/// failover is asked of a replica in sync while its master is well; none is ever forced.
[[nodiscard]] ClusterPlan make_cluster_plan(const api::RedisTopology& topology,
                                            const Observed& seen);

/// Whether every node answers, every slot is served and every replica is in sync.
[[nodiscard]] bool is_cluster_well(const api::RedisTopology& topology, const Observed& seen);

}  // namespace chatflow::redis_topology
