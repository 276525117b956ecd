#include "controller/domain/redis/route.hpp"

#include <algorithm>
#include <charconv>

namespace chatflow::redis_topology {
namespace {

const RoutedPod* find(const std::vector<RoutedPod>& pods, const Endpoint& endpoint) {
    const auto found = std::ranges::find(pods, endpoint, &RoutedPod::endpoint);
    return found == pods.end() || found->pod_ip.empty() ? nullptr : &*found;
}

bool is_named_master(const SentinelView& sentinel, const NodeView& master) {
    return sentinel.reachable && sentinel.master == master.endpoint &&
           master.role == NodeRole::Master;
}

/// A route as if nobody had ever written an epoch to it.
Route without_epoch(const Route& route) { return {.pod_ips = route.pod_ips}; }

/// What a majority says together: the master that says so itself, and the epoch of all. Nothing
/// while a failover runs.
struct Agreement {
    SentinelView sentinel;
    NodeView master;
};

std::optional<Agreement> agreement_of(const std::vector<SentinelView>& sentinels, int instances,
                                      const std::vector<NodeView>& nodes) {
    const Consensus consensus = consensus_of(sentinels);
    if (!consensus.master || consensus.agreeing < majority_of(instances)) return std::nullopt;
    if (std::ranges::any_of(sentinels, &SentinelView::failing_over)) return std::nullopt;
    const auto master = std::ranges::find(nodes, *consensus.master, &NodeView::endpoint);
    if (master == nodes.end() || master->role != NodeRole::Master) return std::nullopt;
    return Agreement{{.reachable = true, .master = consensus.master, .epoch = consensus.epoch},
                     *master};
}

/// Whether who is at this address of a pod cannot be a master beside `master`.
bool leads_past(const std::string& ip, const Endpoint& master, const std::vector<NodeView>& nodes,
                const std::vector<RoutedPod>& pods) {
    const auto pod = std::ranges::find(pods, ip, &RoutedPod::pod_ip);
    if (pod == pods.end() || pod->endpoint == master) return true;
    const auto node = std::ranges::find(nodes, pod->endpoint, &NodeView::endpoint);
    return node != nodes.end() && node->role == NodeRole::Replica;
}

}  // namespace

std::optional<Route> next_write_route(const Route& current, const SentinelView& sentinel,
                                      const NodeView& master, const std::vector<RoutedPod>& pods) {
    if (!is_named_master(sentinel, master) || sentinel.epoch < current.epoch) return std::nullopt;
    const RoutedPod* pod = find(pods, master.endpoint);
    if (pod == nullptr) return std::nullopt;
    const Route wanted{{pod->pod_ip}, sentinel.epoch};
    return wanted == current ? std::nullopt : std::optional(wanted);
}

std::optional<Route> next_read_route(const Route& current, const SentinelView& sentinel,
                                     const NodeView& master, const std::vector<RoutedPod>& pods,
                                     std::int64_t max_lag_seconds) {
    if (!is_named_master(sentinel, master) || sentinel.epoch < current.epoch) return std::nullopt;
    Route wanted{.epoch = sentinel.epoch};
    for (const FollowerView& follower : master.followers) {
        const RoutedPod* pod = find(pods, follower.endpoint);
        const bool in_sync =
            follower.online && follower.lag_seconds >= 0 && follower.lag_seconds <= max_lag_seconds;
        if (pod != nullptr && in_sync && !pod->leaving) wanted.pod_ips.push_back(pod->pod_ip);
    }
    if (wanted.pod_ips.empty()) {
        if (const RoutedPod* pod = find(pods, master.endpoint)) {
            wanted.pod_ips.push_back(pod->pod_ip);
        }
    }
    std::ranges::sort(wanted.pod_ips);
    return wanted == current ? std::nullopt : std::optional(wanted);
}

std::optional<Route> forgotten_write_route(const Route& current,
                                           const std::vector<SentinelView>& sentinels,
                                           int instances, const std::vector<NodeView>& nodes,
                                           const std::vector<RoutedPod>& pods) {
    const auto agreed = agreement_of(sentinels, instances, nodes);
    if (!agreed || current.epoch <= agreed->sentinel.epoch) return std::nullopt;
    const auto is_harmless = [&](const std::string& ip) {
        return leads_past(ip, agreed->master.endpoint, nodes, pods);
    };
    if (!std::ranges::all_of(current.pod_ips, is_harmless)) return std::nullopt;
    return next_write_route(without_epoch(current), agreed->sentinel, agreed->master, pods);
}

std::optional<Route> forgotten_read_route(const Route& current, const Route& write,
                                          const std::vector<SentinelView>& sentinels, int instances,
                                          const std::vector<NodeView>& nodes,
                                          const std::vector<RoutedPod>& pods,
                                          std::int64_t max_lag_seconds) {
    const auto agreed = agreement_of(sentinels, instances, nodes);
    if (!agreed || current.epoch <= agreed->sentinel.epoch) return std::nullopt;
    if (write.epoch > agreed->sentinel.epoch) return std::nullopt;
    return next_read_route(without_epoch(current), agreed->sentinel, agreed->master, pods,
                           max_lag_seconds);
}

std::vector<Endpoint> to_make_electable(const NodeView& master, const std::vector<NodeView>& nodes,
                                        const std::vector<RoutedPod>& pods) {
    std::vector<Endpoint> ready;
    for (const NodeView& node : nodes) {
        const auto follower =
            std::ranges::find(master.followers, node.endpoint, &FollowerView::endpoint);
        if (follower == master.followers.end() || !follower->online) continue;
        if (node.role != NodeRole::Replica || !node.link_up || node.priority != 0) continue;
        const RoutedPod* pod = find(pods, node.endpoint);
        if (pod != nullptr && ordinal_of(pod->name) < kElectable) ready.push_back(node.endpoint);
    }
    return ready;
}

std::optional<Endpoint> best_successor(const NodeView& master, const std::vector<NodeView>& nodes) {
    const NodeView* best = nullptr;
    for (const NodeView& node : nodes) {
        if (node.role != NodeRole::Replica || !node.link_up || node.loading) continue;
        if (node.priority == 0 || node.master != master.endpoint) continue;
        if (best == nullptr || node.offset > best->offset) best = &node;
    }
    return best == nullptr ? std::nullopt : std::optional(best->endpoint);
}

int ordinal_of(const std::string& pod) {
    const auto dash = pod.rfind('-');
    if (dash == std::string::npos) return -1;
    int ordinal = -1;
    std::from_chars(pod.data() + dash + 1, pod.data() + pod.size(), ordinal);
    return ordinal;
}

}  // namespace chatflow::redis_topology
