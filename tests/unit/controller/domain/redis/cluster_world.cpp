#include "tests/unit/controller/domain/redis/cluster_world.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace chatflow::redis_topology {

using namespace std::chrono_literals;

ClusterWorld::ClusterWorld(int shards, int replicas_per_shard) {
    topology.metadata.name = "feed";
    topology.spec.mode = api::RedisMode::Cluster;
    topology.spec.shards = shards;
    topology.spec.replicas_per_shard = replicas_per_shard;
}

void ClusterWorld::resize(int nodes) {
    while (static_cast<int>(nodes_.size()) > nodes) nodes_.pop_back();
    while (static_cast<int>(nodes_.size()) < nodes) {
        const std::string id = fmt::format("{:040d}", ++made_);
        const Endpoint endpoint{fmt::format("10.{}.0.{}", generation_, nodes_.size()), 6379};
        nodes_.push_back({.id = id, .endpoint = endpoint, .master = {}, .known = {id}});
        remembered_[id] = endpoint;
    }
}

ClusterWorld::Node& ClusterWorld::at(const Endpoint& endpoint) {
    const auto found = std::ranges::find(nodes_, endpoint, &Node::endpoint);
    if (found == nodes_.end()) throw std::logic_error("nobody is at " + to_string(endpoint));
    return *found;
}

ClusterWorld::Node* ClusterWorld::by_id(const std::string& id) {
    const auto found = std::ranges::find(nodes_, id, &Node::id);
    return found == nodes_.end() ? nullptr : &*found;
}

Observed ClusterWorld::observe() const {
    Observed seen{
        .now = TimePoint{} + 1000h, .nodes_now = static_cast<int>(nodes_.size()), .revision = "r1"};
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const Node& node = nodes_[i];
        const std::string pod = fmt::format("feed-{}", i);
        seen.pods.push_back(
            {.name = pod, .uid = pod, .ip = "10.244.0.1", .revision = node.revision, .role = {}});
        seen.addresses.push_back({pod, node.endpoint, "10.244.0.1"});
        NodeView view{.endpoint = node.endpoint, .keys = node.keys, .link_up = node.link_up};
        if (node.answers) view.role = node.master.empty() ? NodeRole::Master : NodeRole::Replica;
        const auto leader = std::ranges::find(nodes_, node.master, &Node::id);
        if (leader != nodes_.end()) view.master = leader->endpoint;
        if (!node.link_up) view.master = node.sought;
        seen.nodes.push_back(view);
        ClusterView cluster;
        for (const std::string& id : node.answers ? node.known : std::vector<std::string>{}) {
            const auto other = std::ranges::find(nodes_, id, &Node::id);
            const bool exists = other != nodes_.end() && other->answers;
            KnownNode known{.id = id, .endpoint = remembered_.at(id)};
            known.is_self = id == node.id;
            known.has_failed = !exists;
            known.is_connected = exists;
            known.is_master = exists && other->master.empty();
            if (exists) {
                known.master_id = other->master;
                known.slots = ranges_of(other->slots);
            } else if (const auto lost = lost_.find(id); lost != lost_.end()) {
                known.is_master = true;
                known.slots = ranges_of(lost->second);
            }
            cluster.known.push_back(std::move(known));
        }
        if (node.answers) {
            cluster.id = node.id;
            cluster.is_ok = true;
            cluster.open = node.open;
        }
        seen.cluster.push_back(std::move(cluster));
    }
    return seen;
}

void ClusterWorld::carry_out(const ClusterStep& step) {
    switch (step.kind) {
        case ClusterStepKind::Meet: {
            Node& one = at(step.node);
            Node& other = at(step.other);
            remembered_[one.id] = one.endpoint;
            remembered_[other.id] = other.endpoint;
            std::vector<std::string> all = one.known;
            for (const std::string& id : other.known) {
                if (!std::ranges::contains(all, id)) all.push_back(id);
            }
            for (const std::string& id : all) {
                if (Node* node = by_id(id)) node->known = all;
            }
            return;
        }
        case ClusterStepKind::Assign:
            at(step.node).slots.insert(at(step.node).slots.end(), step.slots.begin(),
                                       step.slots.end());
            return;
        case ClusterStepKind::Replicate:
            at(step.node).master = step.id;
            return;
        case ClusterStepKind::Forget:
            for (const Endpoint& endpoint : step.tell) std::erase(at(endpoint).known, step.id);
            return;
        case ClusterStepKind::Close:
            at(step.node).open.clear();
            return;
        case ClusterStepKind::Move: {
            Node& from = at(step.node);
            Node& to = at(step.other);
            for (const int slot : step.slots) {
                if (std::erase(from.slots, slot) != 1) throw std::logic_error("a slot of nobody");
                to.slots.push_back(slot);
            }
            std::ranges::sort(to.slots);
            from.open.clear();
            to.open.clear();
            return;
        }
        case ClusterStepKind::Failover: {
            Node& replica = at(step.node);
            Node& master = *by_id(replica.master);
            replica.slots = std::exchange(master.slots, {});
            replica.master.clear();
            master.master = replica.id;
            return;
        }
        case ClusterStepKind::Restart:
            at(step.node).revision = "r1";
            return;
    }
}

std::vector<ClusterStepKind> ClusterWorld::settle(int rounds) {
    std::vector<ClusterStepKind> done;
    for (int round = 0; round < rounds; ++round) {
        const ClusterPlan next = plan();
        for (const ClusterStep& step : next.steps) {
            carry_out(step);
            done.push_back(step.kind);
        }
        const bool is_resized = next.counts.nodes != static_cast<int>(nodes_.size());
        resize(next.counts.nodes);
        if (next.steps.empty() && next.waits_for.empty() && !is_resized) return done;
    }
    return done;
}

std::vector<int> ClusterWorld::slots_per_shard() const {
    std::vector<int> counts;
    for (const Shard& shard : cluster_state(topology, observe()).shards) {
        counts.push_back(static_cast<int>(shard.slots.size()));
    }
    return counts;
}

void ClusterWorld::lose_volume(int ordinal, bool is_elected) {
    Node& lost = node(ordinal);
    const std::string old = lost.id;
    if (!is_elected) lost_[old] = lost.slots;
    for (Node& other : nodes_) {
        if (other.master != old || !is_elected) continue;
        other.master.clear();
        other.slots = std::exchange(lost.slots, {});
    }
    const Endpoint endpoint = lost.endpoint;
    const std::string id = fmt::format("{:040d}", ++made_);
    lost = {.id = id, .endpoint = endpoint, .master = {}, .known = {id}};
    remembered_[id] = endpoint;
}

void ClusterWorld::move_all() {
    ++generation_;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        nodes_[i].endpoint.host = fmt::format("10.{}.0.{}", generation_, i);
    }
}

}  // namespace chatflow::redis_topology
