#include "controller/domain/redis/start_gate.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace chatflow::redis_topology {
namespace {

GateDecision wait(std::string reason) { return {.reason = std::move(reason)}; }

const NodeView* find(const GateInput& input, const Endpoint& endpoint) {
    const auto found = std::ranges::find(input.nodes, endpoint, &NodeView::endpoint);
    return found == input.nodes.end() ? nullptr : &*found;
}

/// A replica that waits for its first copy, or only serves reads, is never elected: to wait for it
/// would be to wait for ever. What it says itself is newer than what a Sentinel has heard.
bool can_take_over(const GateInput& input, const SentinelView& view, const KnownReplica& replica) {
    if (!replica.healthy || replica.endpoint == input.self) return false;
    // github.com/redis/redis, src/sentinel.c, sentinelSelectSlave: its data is too old for it.
    const std::int64_t too_long = view.master_down_ms + 10 * input.down_after.count();
    if (replica.link_down_ms > too_long) return false;
    const NodeView* node = find(input, replica.endpoint);
    const bool answers = node != nullptr && node->role == NodeRole::Replica;
    return (answers ? node->priority : replica.priority) > 0;
}

/// Sentinels that know at least one replica that they can elect.
int with_successor(const GateInput& input) {
    return static_cast<int>(std::ranges::count_if(input.views, [&](const SentinelView& view) {
        return view.reachable &&
               std::ranges::any_of(view.replicas, [&](const KnownReplica& replica) {
                   return can_take_over(input, view, replica);
               });
    }));
}

/// Whether another node holds keys, or one that a Sentinel knows does not answer.
bool others_may_have_data(const GateInput& input) {
    if (std::ranges::any_of(input.nodes, [](const NodeView& node) { return node.keys > 0; })) {
        return true;
    }
    for (const SentinelView& view : input.views) {
        for (const KnownReplica& replica : view.replicas) {
            if (replica.endpoint == input.self) continue;
            const NodeView* node = find(input, replica.endpoint);
            if (node == nullptr || node->role == NodeRole::Unreachable) {
                return true;
            }
        }
    }
    return false;
}

GateDecision start_as_named_master(const GateInput& input, const Consensus& consensus) {
    const int majority = majority_of(input.sentinels);
    if (consensus.agreeing < majority) {
        return wait(fmt::format("{} of {} Sentinels name this node as master, {} are needed",
                                consensus.agreeing, input.sentinels, majority));
    }
    // Without keys here, empty replicas are no reason to wait: nothing can be wiped.
    if (!input.has_data) {
        if (others_may_have_data(input)) {
            return wait(
                "this node is empty and a replica may have the data: another has to "
                "become master");
        }
        return {.start = Start::AsMaster, .reason = "named as master; no node holds any key"};
    }
    if (const int knowing = with_successor(input); knowing >= majority) {
        return wait(
            fmt::format("{} Sentinels know a healthy replica: it has to become master "
                        "first",
                        knowing));
    }
    return {.start = Start::AsMaster,
            .reason = "named as master, with data, and no replica is known that could be elected"};
}

GateDecision start_as_replica(const GateInput& input, const Endpoint& master) {
    const NodeView* node = find(input, master);
    const bool master_answers = node != nullptr && node->role != NodeRole::Unreachable;
    if (!master_answers && input.waited < input.down_after + kMasterHeadStart) {
        return wait(fmt::format("the master {} does not answer yet", to_string(master)));
    }
    return {.start = Start::AsReplica,
            .master = master,
            .electable = input.has_data,
            .reason = fmt::format("replica of {}", to_string(master))};
}

}  // namespace

GateDecision decide_start(const GateInput& input) {
    const Consensus consensus = consensus_of(input.views);
    const int majority = majority_of(input.sentinels);
    const auto watching = std::ranges::count_if(input.views, [](const SentinelView& view) {
        return view.reachable && view.master.has_value();
    });
    if (watching < majority || !consensus.master) {
        return wait(fmt::format("{} of {} Sentinels answer, {} are needed", watching,
                                input.sentinels, majority));
    }
    if (*consensus.master == input.self) return start_as_named_master(input, consensus);
    return start_as_replica(input, *consensus.master);
}

}  // namespace chatflow::redis_topology
