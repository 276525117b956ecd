#include "controller/domain/redis/cluster_map.hpp"

#include <algorithm>
#include <tuple>

namespace chatflow::redis_topology {
namespace {

int slots_in(const ClusterView& view) {
    int count = 0;
    for (const KnownNode& node : view.known) {
        for (const SlotRange& range : node.slots) count += range.last - range.first + 1;
    }
    return count;
}

}  // namespace

ClusterMap::ClusterMap(const api::RedisTopology& topology, const Observed& seen)
    : owners_(kClusterSlots), pods_per_shard_(topology.spec.replicas_per_shard + 1) {
    for (std::size_t i = 0; i < seen.addresses.size() && i < seen.cluster.size(); ++i) {
        const std::string& pod = seen.addresses[i].name;
        members_.push_back({.pod = pod,
                            .shard = ordinal_of(pod) / pods_per_shard_,
                            .endpoint = seen.addresses[i].endpoint,
                            .node = &seen.nodes[i],
                            .view = &seen.cluster[i]});
    }
    std::ranges::sort(members_, {}, [](const Member& m) { return ordinal_of(m.pod); });
    find_anchor();
    find_owners();
    for (const std::string& owner : owners_) ++counts_[owner];
}

void ClusterMap::find_anchor() {
    for (const Member& member : members_) {
        if (!member.answers()) continue;
        const auto worth = [](const Member& m) {
            return std::tuple(slots_in(*m.view), m.view->known.size());
        };
        if (anchor_ == nullptr || worth(member) > worth(*anchor_)) anchor_ = &member;
    }
}

void ClusterMap::find_owners() {
    if (anchor_ == nullptr) return;
    std::vector<std::int64_t> epochs(kClusterSlots, -1);
    const auto take = [&](const KnownNode& node, bool only_where_free) {
        for (const SlotRange& range : node.slots) {
            for (int slot = range.first; slot <= range.last; ++slot) {
                const auto at = static_cast<std::size_t>(slot);
                const bool is_better =
                    only_where_free ? owners_[at].empty() : node.epoch > epochs[at];
                if (!is_better) continue;
                owners_[at] = node.id;
                epochs[at] = node.epoch;
            }
        }
    };
    for (const Member& member : members_) {
        const KnownNode* self = member.answers() ? self_of(*member.view) : nullptr;
        if (self != nullptr && self->is_master) take(*self, false);
    }
    // A node that answers has said itself what it has; the others' memory may be old.
    for (const KnownNode& node : anchor_->view->known) {
        const Member* member = by_id(node.id);
        if (member == nullptr || !member->answers()) take(node, true);
    }
}

int ClusterMap::slots_of(std::string_view id) const {
    const auto found = counts_.find(id);
    return found == counts_.end() ? 0 : found->second;
}

const Member* ClusterMap::by_id(std::string_view id) const {
    const auto found = std::ranges::find_if(
        members_, [id](const Member& member) { return member.answers() && member.view->id == id; });
    return found == members_.end() ? nullptr : &*found;
}

const Member* ClusterMap::by_pod(std::string_view pod) const {
    const auto found = std::ranges::find(members_, pod, &Member::pod);
    return found == members_.end() ? nullptr : &*found;
}

const Member* ClusterMap::master_of(int shard) const {
    const Member* best = nullptr;
    int most = 0;
    for (const Member& member : members_) {
        if (member.shard != shard || !member.is_master()) continue;
        const int slots = slots_of(member.view->id);
        if (slots > most) {
            best = &member;
            most = slots;
        }
    }
    return best;
}

bool ClusterMap::all_answer() const { return std::ranges::all_of(members_, &Member::answers); }

}  // namespace chatflow::redis_topology
