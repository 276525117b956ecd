#include "controller/domain/redis/plan.hpp"

#include "controller/domain/redis/replacement.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace chatflow::redis_topology {
namespace {

const NodeView* node_of(const Observed& seen, const std::string& pod) {
    for (std::size_t i = 0; i < seen.addresses.size() && i < seen.nodes.size(); ++i) {
        if (seen.addresses[i].name == pod) return &seen.nodes[i];
    }
    return nullptr;
}

std::string pod_of(const Observed& seen, const Endpoint& endpoint) {
    const auto found = std::ranges::find(seen.addresses, endpoint, &RoutedPod::endpoint);
    return found == seen.addresses.end() ? std::string() : found->name;
}

class Planner {
 public:
    Planner(const api::RedisTopology& topology, const Observed& seen)
        : topology_(topology),
          spec_(topology.spec),
          seen_(seen),
          consensus_(consensus_of(seen.sentinels)),
          master_(master_pod(seen)),
          is_healthy_(redis_topology::is_healthy(topology.spec, seen)) {}

    Plan make() {
        const int there = std::max(seen_.nodes_now.value_or(0), seen_.asleep);
        if (spec_.hibernated) {
            plan_.counts.asleep = there;
            return plan_;
        }
        // Whoever may have the data comes back before anybody is taken away.
        plan_.counts = {.nodes = std::max(spec_.replicas + 1, there),
                        .sentinels = spec_.sentinel.instances};
        if (replace_what_cannot_start()) return plan_;
        if (!consensus_.master) {
            plan_.waits_for = "no Sentinel names a master yet";
            if (!seen_.nodes_now) plan_.counts.nodes = spec_.replicas + 1;
            return plan_;
        }
        tell_second_masters();
        set_sentinels();
        return_to_readers();
        // One at a time, and nothing that takes a node away while another one is missing.
        const bool acts =
            requested_switchover() || restart_next() || restart_sentinel() || shrink();
        if (!acts) forget_the_gone();
        return plan_;
    }

 private:
    void add(StepKind kind, std::string pod, std::string reason) {
        plan_.steps.push_back(
            {.kind = kind, .pod = std::move(pod), .endpoint = {}, .reason = std::move(reason)});
    }

    bool replace_what_cannot_start() {
        for (const Replacement& old : replacements_of_what_cannot_start(seen_)) {
            add(old.is_sentinel ? StepKind::RestartSentinel : StepKind::Restart, old.pod,
                old.reason);
        }
        return !plan_.steps.empty();
    }

    /// The Sentinels do this after 8 s; whoever is still a master after that was out of their
    /// reach when they tried.
    void tell_second_masters() {
        const bool decided = consensus_.agreeing >= majority_of(spec_.sentinel.instances) &&
                             std::ranges::none_of(seen_.sentinels, &SentinelView::failing_over);
        const NodeView* master = node_of(seen_, master_);
        if (!decided || master == nullptr || master->role != NodeRole::Master) return;
        for (const NodeView& node : seen_.nodes) {
            if (node.role != NodeRole::Master || node.endpoint == *consensus_.master) continue;
            plan_.steps.push_back({.kind = StepKind::Follow,
                                   .pod = pod_of(seen_, node.endpoint),
                                   .endpoint = node.endpoint,
                                   .reason = fmt::format("{} Sentinels have elected {}",
                                                         consensus_.agreeing, master_)});
        }
    }

    void set_sentinels() {
        const api::RedisSentinelSpec& wanted = spec_.sentinel;
        for (const SentinelView& sentinel : seen_.sentinels) {
            if (!sentinel.master) continue;
            const bool same =
                sentinel.quorum == wanted.quorum &&
                sentinel.down_after_ms == wanted.down_after_seconds * 1000 &&
                sentinel.failover_timeout_ms == wanted.failover_timeout_seconds * 1000;
            if (same) continue;
            plan_.steps.push_back({.kind = StepKind::SetSentinel,
                                   .pod = {},
                                   .endpoint = sentinel.endpoint,
                                   .reason = "its quorum or times are not those of the spec"});
        }
    }

    /// A replica that was to go and stays, since more are wanted again.
    void return_to_readers() {
        for (const PodView& pod : seen_.pods) {
            if (!pod.draining_since || ordinal_of(pod.name) > spec_.replicas) continue;
            add(StepKind::Return, pod.name, "it stays after all");
        }
    }

    bool requested_switchover() {
        if (!spec_.switchover || spec_.switchover->request_id.empty()) return false;
        const auto& last = topology_.status.last_switchover;
        if (last && last->request_id == spec_.switchover->request_id) return false;
        if (!is_healthy_) return wait("a switchover waits until all replicas are in sync");
        std::string target = spec_.switchover->target;
        if (target.empty()) target = successor();
        add(StepKind::Switchover, target, "Requested");
        return true;
    }

    /// Replicas first, from the highest; the master last, after it has handed over.
    bool restart_next() {
        if (!seen_.nodes_now) return false;
        if (seen_.revision.empty()) return wait("the StatefulSet has not taken the settings yet");
        const auto is_old = [this](const PodView& pod) {
            return !pod.revision.empty() && pod.revision != seen_.revision && !pod.leaving;
        };
        if (std::ranges::any_of(seen_.pods, &PodView::leaving)) return wait("a pod is ending");
        if (std::ranges::none_of(seen_.pods, is_old)) return false;
        if (restart_lost()) return true;
        if (!is_healthy_) return wait("a restart waits until all replicas are in sync");
        for (auto pod = seen_.pods.rbegin(); pod != seen_.pods.rend(); ++pod) {
            if (!is_old(*pod) || pod->name == master_) continue;
            add(StepKind::Restart, pod->name, "its settings need a restart");
            return true;
        }
        if (const std::string next = successor(); !next.empty()) {
            add(StepKind::Switchover, next, "Rollout");
        } else {
            add(StepKind::Restart, master_, "its settings need a restart, and it has no replica");
        }
        return true;
    }

    /// Who is no master and does not answer is of no use as it is; its new template may help.
    bool restart_lost() {
        const NodeView* master = node_of(seen_, master_);
        if (master == nullptr || master->role != NodeRole::Master) return false;
        for (const PodView& pod : seen_.pods) {
            const NodeView* node = node_of(seen_, pod.name);
            const bool is_lost = node != nullptr && node->role == NodeRole::Unreachable;
            if (!is_lost || pod.ready || pod.name == master_) continue;
            if (pod.revision.empty() || pod.revision == seen_.revision) continue;
            add(StepKind::Restart, pod.name, "it does not answer, and its template has changed");
            return true;
        }
        return false;
    }

    /// One at a time, while all others agree: a majority stays whatever happens meanwhile.
    bool restart_sentinel() {
        if (seen_.sentinel_revision.empty()) return false;
        const auto is_old = [this](const PodView& pod) {
            return !pod.revision.empty() && pod.revision != seen_.sentinel_revision && !pod.leaving;
        };
        const auto& pods = seen_.sentinel_pods;
        // Of one whose agent cannot start the Sentinel may still answer.
        auto old = std::ranges::find_if(
            pods, [&is_old](const PodView& pod) { return is_old(pod) && !pod.ready; });
        if (old == pods.end()) old = std::ranges::find_if(pods, is_old);
        if (old == pods.end()) return false;
        const bool all_there = std::ssize(pods) >= spec_.sentinel.instances &&
                               std::ranges::none_of(pods, &PodView::leaving) &&
                               std::ranges::all_of(pods, [&is_old](const PodView& pod) {
                                   return pod.ready || is_old(pod);
                               });
        if (!all_there || !is_healthy_) {
            return wait("a restart of a Sentinel waits until all of them agree");
        }
        add(StepKind::RestartSentinel, old->name, "its settings or certificates need a restart");
        return true;
    }

    bool shrink() {
        const int now = seen_.nodes_now.value_or(0);
        if (now <= spec_.replicas + 1) return false;
        const std::string last = fmt::format("{}-{}", topology_.metadata.name, now - 1);
        if (const std::string late = who_stays_and_is_late(); !late.empty()) {
            return wait(fmt::format("nobody leaves before {}, which stays, is in sync", late));
        }
        if (last == master_) {
            const std::string next = successor_below(now - 1);
            if (next.empty()) return wait("no replica that stays can take over from the master");
            add(StepKind::Switchover, next, "ScaleDown");
            return true;
        }
        const auto pod = std::ranges::find(seen_.pods, last, &PodView::name);
        if (pod != seen_.pods.end() && !pod->draining_since) {
            add(StepKind::Drain, last, "fewer replicas are wanted");
            return true;
        }
        const auto drained = std::chrono::seconds{spec_.drain_seconds};
        if (pod != seen_.pods.end() && seen_.now - *pod->draining_since < drained) {
            return wait(fmt::format("{} is drained", last));
        }
        plan_.counts.nodes = now - 1;
        return true;
    }

    /// Whoever is to go may have the only good copy until then. Empty: nobody.
    [[nodiscard]] std::string who_stays_and_is_late() const {
        for (int i = 0; i <= spec_.replicas; ++i) {
            const std::string pod = fmt::format("{}-{}", topology_.metadata.name, i);
            const NodeView* node = node_of(seen_, pod);
            const bool is_master =
                node != nullptr && pod == master_ && node->role == NodeRole::Master;
            const bool is_in_sync = node != nullptr && node->role == NodeRole::Replica &&
                                    node->link_up && node->master == consensus_.master;
            if (!is_master && !is_in_sync) return pod;
        }
        return {};
    }

    /// A Sentinel never forgets by itself; it may be told to once nothing is amiss, since a reset
    /// while a replica is missing would lose that replica.
    void forget_the_gone() {
        if (!is_healthy_ || !plan_.steps.empty()) return;
        std::set<Endpoint> existing;
        for (const RoutedPod& pod : seen_.addresses) existing.insert(pod.endpoint);
        for (const SentinelView& sentinel : seen_.sentinels) {
            const bool remembers_gone =
                std::ranges::any_of(sentinel.replicas, [&existing](const KnownReplica& replica) {
                    return !existing.contains(replica.endpoint);
                });
            const bool too_many = sentinel.other_sentinels > spec_.sentinel.instances - 1;
            if (!remembers_gone && !too_many) continue;
            plan_.steps.push_back({.kind = StepKind::ResetSentinel,
                                   .pod = {},
                                   .endpoint = sentinel.endpoint,
                                   .reason = "it remembers servers that are gone for good"});
            return;
        }
    }

    [[nodiscard]] std::string successor() const { return successor_below(kElectable); }

    [[nodiscard]] std::string successor_below(int ordinal) const {
        const NodeView* master = node_of(seen_, master_);
        if (master == nullptr) return {};
        std::vector<NodeView> staying;
        for (std::size_t i = 0; i < seen_.nodes.size(); ++i) {
            if (ordinal_of(seen_.addresses[i].name) < ordinal) staying.push_back(seen_.nodes[i]);
        }
        const auto best = best_successor(*master, staying);
        return best ? pod_of(seen_, *best) : std::string();
    }

    bool wait(std::string why) {
        plan_.waits_for = std::move(why);
        return true;
    }

    const api::RedisTopology& topology_;
    const api::RedisTopologySpec& spec_;
    const Observed& seen_;
    Consensus consensus_;
    std::string master_;
    bool is_healthy_;
    Plan plan_;
};

}  // namespace

std::string master_pod(const Observed& seen) {
    const Consensus consensus = consensus_of(seen.sentinels);
    return consensus.master ? pod_of(seen, *consensus.master) : std::string();
}

bool can_fail_over(const api::RedisTopologySpec& spec, const Observed& seen) {
    if (spec.replicas == 0) return true;
    // Until a Sentinel has asked a new replica, it takes the default for its priority.
    const auto is_electable = [&seen](const KnownReplica& known) {
        const auto node = std::ranges::find(seen.nodes, known.endpoint, &NodeView::endpoint);
        return known.healthy && known.priority > 0 && node != seen.nodes.end() &&
               node->role == NodeRole::Replica && node->priority > 0;
    };
    const auto knowing = std::ranges::count_if(seen.sentinels, [&](const SentinelView& sentinel) {
        return sentinel.reachable && std::ranges::any_of(sentinel.replicas, is_electable);
    });
    return knowing >= majority_of(spec.sentinel.instances);
}

bool is_healthy(const api::RedisTopologySpec& spec, const Observed& seen) {
    const Consensus consensus = consensus_of(seen.sentinels);
    if (!consensus.master || consensus.agreeing < spec.sentinel.instances) return false;
    if (static_cast<int>(seen.nodes.size()) < spec.replicas + 1) return false;
    if (!can_fail_over(spec, seen)) return false;
    return std::ranges::all_of(seen.nodes, [&consensus](const NodeView& node) {
        if (node.endpoint == *consensus.master) return node.role == NodeRole::Master;
        return node.role == NodeRole::Replica && node.link_up && node.master == *consensus.master;
    });
}

Plan make_plan(const api::RedisTopology& topology, const Observed& seen) {
    return Planner(topology, seen).make();
}

}  // namespace chatflow::redis_topology
