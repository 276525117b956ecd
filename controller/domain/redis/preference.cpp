#include "controller/domain/redis/preference.hpp"

namespace chatflow::redis_topology {

std::vector<Endpoint> Preferences::left_behind(const std::vector<NodeView>& nodes,
                                               std::chrono::steady_clock::time_point now) {
    std::map<Endpoint, std::chrono::steady_clock::time_point> since;
    std::vector<Endpoint> left;
    for (const NodeView& node : nodes) {
        if (node.role == NodeRole::Unreachable || node.priority != kPreferred) continue;
        const auto known = since_.find(node.endpoint);
        const auto begin = known == since_.end() ? now : known->second;
        since[node.endpoint] = begin;
        if (now - begin >= kHandoverMax) left.push_back(node.endpoint);
    }
    since_ = std::move(since);
    return left;
}

}  // namespace chatflow::redis_topology
