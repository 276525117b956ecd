#include "controller/domain/redis/cluster_status.hpp"

#include "controller/domain/redis/names.hpp"
#include "controller/domain/redis/verdicts.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::redis_topology {
namespace {

class StatusBuilder {
 public:
    StatusBuilder(const api::RedisTopology& topology, const Observed& seen, const ClusterPlan& plan)
        : topology_(topology),
          seen_(seen),
          plan_(plan),
          state_(cluster_state(topology, seen)),
          status_(topology.status) {}

    api::RedisTopologyStatus build(const Outcome& outcome) {
        status_.observed_generation = topology_.metadata.generation;
        describe_nodes();
        describe_shards();
        const Verdict formed = cluster_formed();
        const Verdict assigned = slots_assigned();
        const Verdict replication = replication_healthy();
        const Verdict config = config_applied(outcome, pending_of(plan_));
        Verdicts verdicts(topology_, seen_.now, status_);
        verdicts.set_of_pods("ClusterFormed", formed);
        verdicts.set_of_pods("SlotsAssigned", assigned);
        verdicts.set_of_pods("ReplicationHealthy", replication);
        verdicts.set("ConfigApplied", config);
        verdicts.set("QueueSafe", queue_safe(seen_));
        verdicts.set_or_remove("CertificateValid", outcome.certificate);
        verdicts.set_or_remove("BackupHealthy", outcome.backup);
        verdicts.set_or_remove("Restored", outcome.restored);
        const Verdict restored = outcome.restored.value_or(Verdict{.holds = true});
        verdicts.summarise({&restored, &formed, &assigned, &replication, &config},
                           seen_.pods.size());
        return std::move(status_);
    }

 private:
    void describe_nodes() {
        status_.nodes.clear();
        std::int64_t used = 0;
        std::int64_t limit = 0;
        std::int64_t epoch = 0;
        for (std::size_t i = 0; i < seen_.nodes.size(); ++i) {
            const NodeView& node = seen_.nodes[i];
            status_.nodes.push_back({.name = seen_.addresses[i].name,
                                     .role = node.role == NodeRole::Master    ? "master"
                                             : node.role == NodeRole::Replica ? "replica"
                                                                              : "unreachable",
                                     .offset = node.offset,
                                     .lag_bytes = lag_of(node),
                                     .link_up = node.link_up});
            if (node.role == NodeRole::Master) {
                used += node.used_memory;
                limit += node.maxmemory;
            }
            for (const KnownNode& known : seen_.cluster[i].known) {
                epoch = std::max(epoch, known.epoch);
            }
        }
        status_.config_epoch = epoch;
        status_.memory_summary = limit > 0 ? fmt::format("{}%", used * 100 / limit) : "";
    }

    [[nodiscard]] std::int64_t lag_of(const NodeView& node) const {
        if (node.role != NodeRole::Replica) return 0;
        const auto master = std::ranges::find(seen_.nodes, node.master, &NodeView::endpoint);
        if (master == seen_.nodes.end()) return 0;
        return std::max<std::int64_t>(0, master->offset - node.offset);
    }

    void describe_shards() {
        status_.shards.clear();
        std::int32_t index = 0;
        status_.ready_replicas = 0;
        for (const Shard& shard : state_.shards) {
            status_.shards.push_back({.index = index++,
                                      .master = shard.master,
                                      .slots = static_cast<std::int32_t>(shard.slots.size()),
                                      .in_sync = shard.in_sync});
            status_.ready_replicas += shard.in_sync;
        }
        const int shards = topology_.spec.hibernated ? 0 : topology_.spec.shards;
        const int wanted = shards * topology_.spec.replicas_per_shard;
        status_.slots_assigned = state_.served;
        status_.replicas = std::max(0, static_cast<int>(seen_.pods.size()) - shards);
        status_.replicas_summary = fmt::format("{}/{}", status_.ready_replicas, wanted);
        status_.master.clear();
        status_.sentinels = {};
        status_.selector =
            fmt::format("{}={},{}=replica", kTopologyLabel, topology_.metadata.name, kRoleLabel);
    }

    [[nodiscard]] Verdict cluster_formed() const {
        std::vector<std::string> outside;
        for (std::size_t i = 0; i < seen_.cluster.size(); ++i) {
            if (!seen_.cluster[i].is_ok) outside.push_back(seen_.addresses[i].name);
        }
        const int wanted = topology_.spec.shards * (topology_.spec.replicas_per_shard + 1);
        if (static_cast<int>(seen_.cluster.size()) < wanted) {
            return {false, "NodesMissing",
                    fmt::format("{} of {} nodes exist.", seen_.cluster.size(), wanted)};
        }
        if (!outside.empty()) {
            return {
                false, "NodesDoNotServe",
                fmt::format("Not part of a cluster that serves: {}.", fmt::join(outside, ", "))};
        }
        return {true, "Formed", fmt::format("{} nodes know each other.", seen_.cluster.size())};
    }

    [[nodiscard]] Verdict slots_assigned() const {
        if (state_.served == kClusterSlots) {
            return {true, "AllServed", "Every slot has a master."};
        }
        if (state_.assigned == kClusterSlots) {
            return {false, "SlotsWithoutMaster",
                    fmt::format("{} of {} slots belong to masters that do not answer.",
                                kClusterSlots - state_.served, kClusterSlots)};
        }
        return {false, "SlotsNotAssigned",
                fmt::format("{} of {} slots belong to nobody.", kClusterSlots - state_.assigned,
                            kClusterSlots)};
    }

    [[nodiscard]] Verdict replication_healthy() const {
        const int wanted = topology_.spec.replicas_per_shard;
        for (std::size_t i = 0; i < state_.shards.size(); ++i) {
            const Shard& shard = state_.shards[i];
            if (shard.in_sync >= wanted || static_cast<int>(i) >= topology_.spec.shards) continue;
            return {false, "ReplicasMissing",
                    fmt::format("{} of {} replicas of shard {} are in sync.", shard.in_sync, wanted,
                                i)};
        }
        return {true, "InSync", "Every replica has its master."};
    }

    const api::RedisTopology& topology_;
    const Observed& seen_;
    const ClusterPlan& plan_;
    ClusterState state_;
    api::RedisTopologyStatus status_;
};

}  // namespace

api::RedisTopologyStatus next_cluster_status(const api::RedisTopology& topology,
                                             const Observed& seen, const ClusterPlan& plan,
                                             const Outcome& outcome) {
    return StatusBuilder(topology, seen, plan).build(outcome);
}

}  // namespace chatflow::redis_topology
