#include "controller/domain/redis/status.hpp"

#include "controller/domain/redis/config.hpp"
#include "controller/domain/redis/names.hpp"
#include "controller/domain/redis/verdicts.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace chatflow::redis_topology {
namespace {

using api::ConditionStatus;

class StatusBuilder {
 public:
    StatusBuilder(const api::RedisTopology& topology, const Observed& seen, const Plan& plan)
        : topology_(topology),
          seen_(seen),
          plan_(plan),
          consensus_(consensus_of(seen.sentinels)),
          status_(topology.status) {}

    api::RedisTopologyStatus build(const Outcome& outcome) {
        status_.observed_generation = topology_.metadata.generation;
        status_.master = master_pod(seen_);
        status_.config_epoch = consensus_.epoch;
        status_.selector =
            fmt::format("{}={},{}=replica", kTopologyLabel, topology_.metadata.name, kRoleLabel);
        describe_nodes();
        describe_sentinels();
        const Verdict master = master_available(outcome.writers_at);
        const Verdict quorum = sentinel_quorum();
        const Verdict replication = replication_healthy();
        const Verdict config = config_applied(outcome, pending_of(plan_));
        Verdicts verdicts(topology_, seen_.now, status_);
        verdicts.set_of_pods("MasterAvailable", master);
        verdicts.set_of_pods("SentinelQuorum", quorum);
        verdicts.set_of_pods("ReplicationHealthy", replication);
        verdicts.set("ConfigApplied", config);
        verdicts.set("QueueSafe", queue_safe(seen_));
        verdicts.set_or_remove("CertificateValid", outcome.certificate);
        verdicts.set_or_remove("BackupHealthy", outcome.backup);
        verdicts.set_or_remove("Restored", outcome.restored);
        const Verdict restored = outcome.restored.value_or(Verdict{.holds = true});
        verdicts.summarise({&restored, &master, &quorum, &replication, &config},
                           seen_.pods.size() + seen_.sentinel_pods.size());
        return std::move(status_);
    }

 private:
    void describe_nodes() {
        status_.nodes.clear();
        status_.ready_replicas = 0;
        const NodeView* master = nullptr;
        for (const NodeView& node : seen_.nodes) {
            if (consensus_.master == node.endpoint) master = &node;
        }
        for (std::size_t i = 0; i < seen_.nodes.size(); ++i) {
            const NodeView& node = seen_.nodes[i];
            const bool is_replica = node.role == NodeRole::Replica;
            status_.nodes.push_back(
                {.name = seen_.addresses[i].name,
                 .role = node.role == NodeRole::Master      ? "master"
                         : is_replica                       ? "replica"
                         : has_pod(seen_.addresses[i].name) ? "waiting"
                                                            : "unreachable",
                 .offset = node.offset,
                 .lag_bytes = is_replica && master != nullptr
                                  ? std::max<std::int64_t>(0, master->offset - node.offset)
                                  : 0,
                 .link_up = node.link_up});
            if (is_replica && node.link_up) ++status_.ready_replicas;
        }
        const int wanted = topology_.spec.hibernated ? 0 : topology_.spec.replicas;
        status_.replicas = std::max(0, static_cast<int>(seen_.pods.size()) - 1);
        status_.replicas_summary = fmt::format("{}/{}", status_.ready_replicas, wanted);
        status_.memory_summary =
            master != nullptr && master->maxmemory > 0
                ? fmt::format("{}%", master->used_memory * 100 / master->maxmemory)
                : "";
    }

    [[nodiscard]] bool has_pod(const std::string& name) const {
        return std::ranges::any_of(seen_.pods, [&name](const PodView& pod) {
            return pod.name == name && !pod.ip.empty() && !pod.leaving;
        });
    }

    void describe_sentinels() {
        const int wanted = topology_.spec.hibernated ? 0 : topology_.spec.sentinel.instances;
        status_.sentinels = {.summary = fmt::format("{}/{}", consensus_.reachable, wanted),
                             .reachable = consensus_.reachable,
                             .agreeing = consensus_.agreeing};
    }

    [[nodiscard]] Verdict master_available(const std::optional<std::string>& writers_at) const {
        if (!consensus_.master) {
            return {false, "NoMasterNamed", "No Sentinel that answers names a master."};
        }
        for (const NodeView& node : seen_.nodes) {
            if (node.endpoint != *consensus_.master) continue;
            if (node.role == NodeRole::Master && writers_at && *writers_at != address_of_master()) {
                return {false, "WritersNotLed",
                        fmt::format("{} is master, and {}-rw leads {}; the agents beside the "
                                    "Sentinels have to lead it there.",
                                    status_.master, topology_.metadata.name,
                                    writers_at->empty() ? "nowhere" : "to " + *writers_at)};
            }
            if (node.role == NodeRole::Master) {
                return {true, "MasterServes", fmt::format("{} takes writes.", status_.master)};
            }
            const std::string does = node.role == NodeRole::Replica
                                         ? "says that it is a replica"
                                         : fmt::format("does not answer: {}", node.error);
            return {false, "MasterUnavailable",
                    fmt::format("{} is named as master and {}.", status_.master, does)};
        }
        return {false, "MasterUnknown",
                fmt::format("The Sentinels name {}, which is no node of this topology.",
                            to_string(*consensus_.master))};
    }

    [[nodiscard]] std::string address_of_master() const {
        const auto pod = std::ranges::find(seen_.addresses, status_.master, &RoutedPod::name);
        return pod == seen_.addresses.end() ? std::string() : pod->pod_ip;
    }

    [[nodiscard]] Verdict sentinel_quorum() const {
        const int wanted = topology_.spec.sentinel.instances;
        const int needed = std::max(majority_of(wanted), topology_.spec.sentinel.quorum);
        const std::string counts = fmt::format("{} of {} Sentinels answer, {} name the same master",
                                               consensus_.reachable, wanted, consensus_.agreeing);
        if (consensus_.agreeing < needed) {
            return {false, "NoQuorum", fmt::format("{}; {} are needed to elect.", counts, needed)};
        }
        return {true, consensus_.agreeing < wanted ? "SentinelMissing" : "AllAgree", counts + "."};
    }

    [[nodiscard]] Verdict replication_healthy() const {
        const auto masters = std::ranges::count(seen_.nodes, NodeRole::Master, &NodeView::role);
        if (masters > 1) {
            return {false, "MoreThanOneMaster",
                    fmt::format("{} nodes say that they are master; the Sentinels name {}.",
                                masters, status_.master)};
        }
        if (status_.ready_replicas < topology_.spec.replicas) {
            return {false, "ReplicasMissing",
                    fmt::format("{} of {} replicas are in sync.", status_.ready_replicas,
                                topology_.spec.replicas)};
        }
        if (!can_fail_over(topology_.spec, seen_)) {
            return {false, "NoSuccessorKnown",
                    "The replicas are in sync, but most Sentinels have not heard yet that one of "
                    "them may be elected; they ask every 10 s."};
        }
        return {true, "InSync", "Every replica has its master."};
    }

    const api::RedisTopology& topology_;
    const Observed& seen_;
    const Plan& plan_;
    Consensus consensus_;
    api::RedisTopologyStatus status_;
};

}  // namespace

api::RedisTopologyStatus next_status(const api::RedisTopology& topology, const Observed& seen,
                                     const Plan& plan, const Outcome& outcome) {
    return StatusBuilder(topology, seen, plan).build(outcome);
}

api::RedisTopologyStatus stalled_status(const api::RedisTopology& topology,
                                        const std::string& message, TimePoint now) {
    api::RedisTopologyStatus status = topology.status;
    status.observed_generation = topology.metadata.generation;
    const auto set = [&](const char* type, ConditionStatus holds) {
        api::set_condition(status.conditions, {.type = type,
                                               .status = holds,
                                               .observed_generation = topology.metadata.generation,
                                               .last_transition_time = now,
                                               .reason = "InvalidSpec",
                                               .message = message});
    };
    set("Ready", ConditionStatus::False);
    set("Reconciling", ConditionStatus::False);
    set("Stalled", ConditionStatus::True);
    return status;
}

bool worth_writing(const api::RedisTopologyStatus& before, const api::RedisTopologyStatus& after) {
    const auto without_offsets = [](api::RedisTopologyStatus status) {
        for (api::RedisNodeStatus& node : status.nodes) node.offset = node.lag_bytes = 0;
        status.memory_summary.clear();
        return status;
    };
    return without_offsets(before) != without_offsets(after) ||
           before.memory_summary != after.memory_summary;
}

}  // namespace chatflow::redis_topology
