#include "controller/domain/redis/cluster_plan.hpp"

#include "controller/domain/redis/cluster_map.hpp"
#include "controller/domain/redis/cluster_moves.hpp"
#include "controller/domain/redis/replacement.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace chatflow::redis_topology {
namespace {

class Planner {
 public:
    Planner(const api::RedisTopology& topology, const Observed& seen)
        : topology_(topology), spec_(topology.spec), seen_(seen), map_(topology, seen) {}

    ClusterPlan make() {
        const int there = std::max(seen_.nodes_now.value_or(0), seen_.asleep);
        if (spec_.hibernated) {
            plan_.counts.asleep = there;
            return plan_;
        }
        // Whoever has slots comes back before they move away.
        plan_.counts.nodes = std::max(wanted_pods(), there);
        if (replace_what_cannot_start()) return plan_;
        if (map_.anchor() == nullptr) return waits("no node answers yet");
        if (meet() || give_out() || make_replicas() || forget_the_gone() || end_open_moves()) {
            return plan_;
        }
        if (const std::string missing = what_is_missing(); !missing.empty()) return waits(missing);
        if (requested_switchover() || restart_next() || rebalance()) return plan_;
        plan_.counts.nodes = wanted_pods();
        return plan_;
    }

 private:
    [[nodiscard]] int wanted_pods() const { return spec_.shards * map_.pods_per_shard(); }

    ClusterPlan waits(std::string why) {
        plan_.waits_for = std::move(why);
        return plan_;
    }
    bool wait(std::string why) {
        plan_.waits_for = std::move(why);
        return true;
    }

    ClusterStep& add(ClusterStepKind kind, const Member& member, std::string reason) {
        return plan_.steps.emplace_back(ClusterStep{.kind = kind,
                                                    .pod = member.pod,
                                                    .node = member.endpoint,
                                                    .other = {},
                                                    .id = {},
                                                    .from_id = {},
                                                    .slots = {},
                                                    .tell = {},
                                                    .reason = std::move(reason)});
    }

    bool replace_what_cannot_start() {
        for (const Replacement& old : replacements_of_what_cannot_start(seen_)) {
            add(ClusterStepKind::Restart, Member{.pod = old.pod}, old.reason);
        }
        return !plan_.steps.empty();
    }

    /// New nodes, and nodes whose address has changed: a cluster finds neither by itself.
    bool meet() {
        const Member& anchor = *map_.anchor();
        const bool is_new = map_.slots_of("") == kClusterSlots;
        if (is_new && !map_.all_answer()) return false;
        for (const Member& member : map_.members()) {
            if (&member == &anchor || !member.answers()) continue;
            const KnownNode* known = known_by_id(*anchor.view, member.view->id);
            const KnownNode* back = known_by_id(*member.view, anchor.view->id);
            const bool is_known = known != nullptr && known->endpoint == member.endpoint &&
                                  back != nullptr && back->endpoint == anchor.endpoint;
            if (is_known) continue;
            add(ClusterStepKind::Meet, anchor,
                fmt::format("{} is not known at {}", member.pod, to_string(member.endpoint)))
                .other = member.endpoint;
        }
        return !plan_.steps.empty();
    }

    /// Once, when nobody holds a key; and slots that nobody has, as after a forced removal.
    bool give_out() {
        std::vector<int> free;
        for (int slot = 0; slot < kClusterSlots; ++slot) {
            if (map_.owners()[static_cast<std::size_t>(slot)].empty()) free.push_back(slot);
        }
        if (free.empty()) return false;
        const bool is_complete =
            static_cast<int>(map_.members().size()) >= wanted_pods() && map_.all_answer();
        if (!is_complete) return wait("slots are given out when every node answers");
        const bool is_new = free.size() == static_cast<std::size_t>(kClusterSlots);
        const auto has_keys = [](const Member& member) { return member.node->keys > 0; };
        if (is_new && std::ranges::any_of(map_.members(), has_keys)) {
            return wait("no node has a slot, yet some hold keys: nothing is given out");
        }
        const auto shares = even_shares(static_cast<int>(free.size()), spec_.shards);
        auto next = free.begin();
        for (int shard = 0; shard < spec_.shards; ++shard) {
            const auto count = shares[static_cast<std::size_t>(shard)];
            const Member* taker = map_.master_of(shard);
            if (taker == nullptr) taker = first_master(shard);
            const auto end = next + count;
            if (taker != nullptr && count > 0) {
                add(ClusterStepKind::Assign, *taker, "slots that nobody has").slots = {next, end};
            }
            next = end;
        }
        return true;
    }

    [[nodiscard]] const Member* first_master(int shard) const {
        const auto found = std::ranges::find_if(map_.members(), [shard](const Member& member) {
            return member.shard == shard && member.is_master();
        });
        return found == map_.members().end() ? nullptr : &*found;
    }

    bool make_replicas() {
        for (const Member& member : map_.members()) {
            if (!member.answers()) continue;
            const Member* leader = map_.master_of(member.shard);
            if (leader == nullptr) leader = first_master(member.shard);
            if (leader == nullptr || leader == &member) continue;
            const KnownNode* self = self_of(*member.view);
            if (self == nullptr) continue;
            if (self->master_id == leader->view->id) {
                if (seeks_in_vain(member, *leader)) {
                    add(ClusterStepKind::Replicate, member,
                        fmt::format("it seeks {} at an old address", leader->pod))
                        .id = leader->view->id;
                }
                continue;
            }
            // Never away from who has slots, nor from data to a node that is empty.
            if (map_.slots_of(member.view->id) > 0) continue;
            if (!self->master_id.empty() && map_.slots_of(self->master_id) > 0) continue;
            if (member.is_replica() && map_.slots_of(leader->view->id) == 0) continue;
            // Without this node's word for the leader it would refuse.
            if (known_by_id(*member.view, leader->view->id) == nullptr) continue;
            if (member.is_master() && member.node->keys > 0) {
                return wait(fmt::format("{} holds keys but serves no slot", member.pod));
            }
            add(ClusterStepKind::Replicate, member,
                fmt::format("it belongs to the shard of {}", leader->pod))
                .id = leader->view->id;
        }
        return !plan_.steps.empty();
    }

    /// Redis learns a new address of its master by gossip without following it there
    /// (src/cluster_legacy.c, clusterProcessGossipSection).
    [[nodiscard]] static bool seeks_in_vain(const Member& member, const Member& leader) {
        const Endpoint& sought = member.node->master;
        return member.is_replica() && !member.node->link_up && !sought.host.empty() &&
               sought != leader.endpoint;
    }

    /// A node without a slot whom no pod is any more. While a pod does not answer nobody knows who
    /// it will say it is.
    bool forget_the_gone() {
        if (!map_.all_answer()) return false;
        std::set<std::string> ours;
        for (const Member& member : map_.members()) ours.insert(member.view->id);
        std::set<std::string> gone;
        for (const Member& member : map_.members()) {
            for (const KnownNode& known : member.view->known) {
                const bool is_gone = known.is_met && !ours.contains(known.id) &&
                                     (!known.is_connected || known.has_failed) &&
                                     map_.slots_of(known.id) == 0;
                if (is_gone) gone.insert(known.id);
            }
        }
        for (const std::string& id : gone) {
            ClusterStep& step = add(ClusterStepKind::Forget, *map_.anchor(),
                                    fmt::format("no pod is node {} any more", id.substr(0, 8)));
            step.id = id;
            for (const Member& member : map_.members()) {
                if (known_by_id(*member.view, id) != nullptr) step.tell.push_back(member.endpoint);
            }
        }
        return !plan_.steps.empty();
    }

    /// Moves that somebody has begun and not ended.
    bool end_open_moves() {
        std::map<std::pair<std::string, std::string>, std::set<int>> moves;
        for (const Member& member : map_.members()) {
            for (const OpenSlot& open : member.view->open) {
                const std::string& owner = map_.owners()[static_cast<std::size_t>(open.slot)];
                const std::string& to = open.is_importing ? member.view->id : open.other;
                if (owner == to) {
                    auto& step = add(ClusterStepKind::Close, member, "the slot has arrived");
                    step.slots = {open.slot};
                } else if (map_.by_id(owner) != nullptr && map_.by_id(to) != nullptr) {
                    moves[{owner, to}].insert(open.slot);
                }
            }
        }
        for (const auto& [pair, slots] : moves) {
            add_move(*map_.by_id(pair.first), *map_.by_id(pair.second),
                     {slots.begin(), slots.end()}, "a move that was begun");
        }
        return !plan_.steps.empty();
    }

    void add_move(const Member& from, const Member& to, std::vector<int> slots,
                  std::string reason) {
        ClusterStep& step = add(ClusterStepKind::Move, from, std::move(reason));
        step.other = to.endpoint;
        step.id = to.view->id;
        step.from_id = from.view->id;
        step.slots = std::move(slots);
        for (const Member& member : map_.members()) {
            const bool is_third = &member != &from && &member != &to;
            if (is_third && member.is_master()) step.tell.push_back(member.endpoint);
        }
    }

    [[nodiscard]] std::string what_is_missing() const {
        if (static_cast<int>(map_.members().size()) < wanted_pods()) return "pods are missing";
        for (const Member& member : map_.members()) {
            if (!member.answers()) return member.pod + " does not answer";
            if (!member.view->is_ok) return member.pod + " does not serve yet";
            if (member.is_replica() && !member.node->link_up) {
                return member.pod + " is not in sync";
            }
        }
        if (std::ranges::any_of(seen_.pods, &PodView::leaving)) return "a pod is ending";
        return {};
    }

    /// The replica with the least lag of all; null when there is none.
    [[nodiscard]] const Member* closest_replica() const {
        const Member* closest = nullptr;
        std::int64_t least = 0;
        for (const Member& member : map_.members()) {
            const KnownNode* self = self_of(*member.view);
            if (!member.is_replica() || self == nullptr) continue;
            const Member* master = map_.by_id(self->master_id);
            if (master == nullptr || !master->is_master()) continue;
            const std::int64_t lag = master->node->offset - member.node->offset;
            if (closest != nullptr && lag >= least) continue;
            closest = &member;
            least = lag;
        }
        return closest;
    }

    bool requested_switchover() {
        if (!spec_.switchover || spec_.switchover->request_id.empty()) return false;
        const auto& last = topology_.status.last_switchover;
        if (last && last->request_id == spec_.switchover->request_id) return false;
        const std::string& asked = spec_.switchover->target;
        const Member* target = asked.empty() ? closest_replica() : map_.by_pod(asked);
        if (target == nullptr || !target->is_replica()) {
            // Without an address: carried out as a refusal, so that it is told once.
            auto& step = add(ClusterStepKind::Failover, *map_.anchor(), "Requested");
            step.pod = spec_.switchover->target;
            step.node = {};
            return true;
        }
        add(ClusterStepKind::Failover, *target, "Requested");
        return true;
    }

    /// Replicas first, from the highest; a master after its replica has taken over.
    bool restart_next() {
        if (!seen_.nodes_now) return false;
        if (seen_.revision.empty()) return wait("the StatefulSet has not taken the settings yet");
        const Member* master = nullptr;
        for (auto pod = seen_.pods.rbegin(); pod != seen_.pods.rend(); ++pod) {
            if (pod->revision.empty() || pod->revision == seen_.revision) continue;
            const Member* member = map_.by_pod(pod->name);
            if (member == nullptr) continue;
            if (member->is_replica()) {
                add(ClusterStepKind::Restart, *member, "its settings need a restart");
                return true;
            }
            if (master == nullptr) master = member;
        }
        if (master == nullptr) return false;
        for (const Member& member : map_.members()) {
            const KnownNode* self = self_of(*member.view);
            const bool follows = member.is_replica() && self->master_id == master->view->id;
            if (!follows) continue;
            add(ClusterStepKind::Failover, member, "Rollout");
            return true;
        }
        add(ClusterStepKind::Restart, *master,
            "its settings need a restart, and it has no replica");
        return true;
    }

    /// A key that moves while shards are copied would be in two snapshots, or in none.
    [[nodiscard]] bool is_backup_under_way() const {
        return std::ranges::any_of(seen_.jobs, [](const Job& job) {
            return !job.is_restore && job.state == JobState::Running;
        });
    }

    bool rebalance() {
        const int shards_now = std::max(spec_.shards, map_.members().back().shard + 1);
        std::vector<std::vector<int>> slots;
        for (int shard = 0; shard < shards_now; ++shard) {
            slots.push_back(slots_of_shard(shard));
        }
        for (SlotMove& move : even_moves(slots, spec_.shards)) {
            const Member* from = map_.master_of(move.from);
            const Member* to = map_.master_of(move.to);
            if (to == nullptr) to = first_master(move.to);
            if (from == nullptr || to == nullptr) continue;
            add_move(*from, *to, std::move(move.slots),
                     fmt::format("{} shards are wanted, each with the same number of slots",
                                 spec_.shards));
        }
        if (plan_.steps.empty()) return false;
        if (!is_backup_under_way()) return true;
        plan_.steps.clear();
        return wait("slots do not move while a backup is made");
    }

    [[nodiscard]] std::vector<int> slots_of_shard(int shard) const {
        const Member* master = map_.master_of(shard);
        std::vector<int> slots;
        for (int slot = 0; master != nullptr && slot < kClusterSlots; ++slot) {
            if (map_.owners()[static_cast<std::size_t>(slot)] == master->view->id) {
                slots.push_back(slot);
            }
        }
        return slots;
    }

    const api::RedisTopology& topology_;
    const api::RedisTopologySpec& spec_;
    const Observed& seen_;
    ClusterMap map_;
    ClusterPlan plan_;
};

}  // namespace

ClusterState cluster_state(const api::RedisTopology& topology, const Observed& seen) {
    const ClusterMap map(topology, seen);
    ClusterState state;
    int shards = topology.spec.shards;
    for (const Member& member : map.members()) shards = std::max(shards, member.shard + 1);
    state.shards.resize(static_cast<std::size_t>(shards));
    for (int i = 0; i < shards; ++i) {
        if (const Member* master = map.master_of(i)) {
            state.shards[static_cast<std::size_t>(i)].master = master->pod;
        }
    }
    for (int slot = 0; slot < kClusterSlots; ++slot) {
        const std::string& owner = map.owners()[static_cast<std::size_t>(slot)];
        if (owner.empty()) continue;
        ++state.assigned;
        const Member* member = map.by_id(owner);
        if (member == nullptr || !member->is_master()) continue;
        ++state.served;
        state.shards[static_cast<std::size_t>(member->shard)].slots.push_back(slot);
    }
    for (const Member& member : map.members()) {
        if (member.is_replica() && member.node->link_up) {
            ++state.shards[static_cast<std::size_t>(member.shard)].in_sync;
        }
    }
    return state;
}

bool is_cluster_well(const api::RedisTopology& topology, const Observed& seen) {
    const ClusterState state = cluster_state(topology, seen);
    if (state.served < kClusterSlots) return false;
    for (int i = 0; i < topology.spec.shards; ++i) {
        const Shard& shard = state.shards[static_cast<std::size_t>(i)];
        if (shard.master.empty() || shard.in_sync < topology.spec.replicas_per_shard) return false;
    }
    return std::ranges::all_of(seen.cluster, &ClusterView::is_ok);
}

ClusterPlan make_cluster_plan(const api::RedisTopology& topology, const Observed& seen) {
    return Planner(topology, seen).make();
}

}  // namespace chatflow::redis_topology
