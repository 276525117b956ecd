#pragma once

#include "controller/api/redis_topology.hpp"
#include "controller/domain/redis/cluster_view.hpp"
#include "controller/domain/redis/objects.hpp"
#include "controller/domain/redis/route.hpp"
#include "controller/domain/redis/view.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// A pod of the topology as the API server has it.
struct PodView {
    std::string name;
    std::string uid;
    std::string ip;
    std::string revision;
    std::string role;  // the label
    bool ready = false;
    bool runs = true;                           // the process of its server, or the one before it
    bool leaving = false;                       // being deleted
    std::optional<TimePoint> draining_since{};  // out of the read address
    bool operator==(const PodView&) const = default;
};

enum class JobState { Running, Done, Failed };

/// A Job of the topology: it makes a backup, or brings the first data.
struct Job {
    std::string name;
    bool is_restore = false;
    int shard = 0;           // of a restore
    std::string backup;      // which
    std::string request_id;  // that asked for it; empty: the schedule did
    TimePoint made_at{};
    JobState state = JobState::Running;
    std::string result;  // what the program said: "backup=… bytes=1234", or why it failed
    bool operator==(const Job&) const = default;
};

/// All that one reconcile has read.
struct Observed {
    TimePoint now{};
    // A topology that was made before has a StatefulSet.
    std::optional<int> nodes_now;     // its replicas
    int asleep = 0;                   // nodes that there were before it was hibernated
    std::string revision;             // that pods should have; empty while it is not known
    std::string sentinel_revision{};  // likewise, of Sentinels
    std::vector<PodView> pods;        // data nodes, by ordinal
    std::vector<PodView> sentinel_pods;
    std::vector<std::string> hosts{};        // of every node's Service, also before there are pods
    std::vector<std::string> services{};     // … their names, also of nodes that have gone
    std::vector<std::string> old_volumes{};  // of nodes; read before there is a StatefulSet
    std::vector<std::string> sentinel_services{};  // of every Sentinel, by name
    std::vector<Job> jobs{};                       // of backups, and of the first data
    std::vector<RoutedPod> addresses;              // of data nodes
    std::vector<NodeView> nodes;                   // in the order of `addresses`
    std::vector<SentinelView> sentinels;
    std::vector<ClusterView> cluster;  // mode Cluster, in the order of `addresses`
    std::vector<std::string> queues;   // of BullMQ, found in a topology that may evict keys
};

enum class StepKind {
    Drain,            // take the pod out of the read address
    Return,           // … into it again: the pod stays after all
    Switchover,       // to another master, without loss
    Restart,          // delete the pod, so that it comes back with the new template
    RestartSentinel,  // likewise
    Follow,           // tell a second master whom the Sentinels have elected
    SetSentinel,      // a Sentinel's settings differ from the spec
    ResetSentinel,    // it remembers nodes that are gone for good
};

/// One thing to do, with its reason in words.
struct Step {
    StepKind kind = StepKind::Drain;
    std::string pod;    // Drain, Return, Restart: which; Switchover: the target
    Endpoint endpoint;  // Follow, SetSentinel, ResetSentinel: whom to tell
    std::string reason;
    bool operator==(const Step&) const = default;
};

struct Plan {
    PodCounts counts;
    std::vector<Step> steps;  // all harmless ones, and at most one that restarts or moves
    std::string waits_for;    // why no further step is taken now; empty: all is done
    bool operator==(const Plan&) const = default;
};

/// What to do next. Elections are the Sentinels' alone: a switchover is asked of them, a second
/// master is told what they have decided long ago.
[[nodiscard]] Plan make_plan(const api::RedisTopology& topology, const Observed& seen);

/// The pod that the Sentinels name as master; empty when they name none.
[[nodiscard]] std::string master_pod(const Observed& seen);

/// Whether a majority of Sentinels knows a replica that it could elect now and that says the same
/// itself, or none is wanted. They learn of a new replica up to 10 s after it has its copy.
[[nodiscard]] bool can_fail_over(const api::RedisTopologySpec& spec, const Observed& seen);

/// Whether every replica has its link up, every Sentinel names the same master, and they could
/// elect another.
[[nodiscard]] bool is_healthy(const api::RedisTopologySpec& spec, const Observed& seen);

}  // namespace chatflow::redis_topology
