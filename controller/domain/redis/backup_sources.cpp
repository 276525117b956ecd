#include "controller/domain/redis/backup_sources.hpp"

#include "controller/domain/redis/cluster_plan.hpp"

#include <algorithm>

namespace chatflow::redis_topology {
namespace {

bool is_in_sync(const NodeView& node) {
    return node.role == NodeRole::Replica && node.link_up && !node.loading;
}

/// The highest pod whose node fits; empty when none does.
template <class Fits>
std::string highest(const Observed& seen, Fits fits) {
    std::string best;
    for (std::size_t i = 0; i < seen.nodes.size() && i < seen.addresses.size(); ++i) {
        const std::string& pod = seen.addresses[i].name;
        if (!fits(seen.nodes[i])) continue;
        if (best.empty() || ordinal_of(pod) > ordinal_of(best)) best = pod;
    }
    return best;
}

std::vector<std::string> source_of_one(const Observed& seen) {
    std::string source = highest(seen, is_in_sync);
    if (source.empty()) {
        source = highest(seen, [](const NodeView& node) {
            return node.role == NodeRole::Master && !node.loading;
        });
    }
    return source.empty() ? std::vector<std::string>{} : std::vector{source};
}

std::string source_of_shard(const Observed& seen, const std::string& master) {
    const auto leader = std::ranges::find(seen.addresses, master, &RoutedPod::name);
    const std::string replica = highest(seen, [&leader](const NodeView& node) {
        return is_in_sync(node) && node.master == leader->endpoint;
    });
    return replica.empty() ? master : replica;
}

std::vector<std::string> sources_of_cluster(const api::RedisTopology& topology,
                                            const Observed& seen) {
    const ClusterState state = cluster_state(topology, seen);
    const auto is_moving = [](const ClusterView& view) { return !view.open.empty(); };
    if (state.served < kClusterSlots || std::ranges::any_of(seen.cluster, is_moving)) return {};
    std::vector<std::string> sources;
    for (const Shard& shard : state.shards) {
        if (!shard.slots.empty()) sources.push_back(source_of_shard(seen, shard.master));
    }
    return sources;
}

}  // namespace

std::vector<std::string> backup_sources(const api::RedisTopology& topology, const Observed& seen) {
    return topology.spec.mode == api::RedisMode::Cluster ? sources_of_cluster(topology, seen)
                                                         : source_of_one(seen);
}

}  // namespace chatflow::redis_topology
