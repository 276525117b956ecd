#pragma once

#include "controller/domain/redis/cluster_plan.hpp"

#include <map>
#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// A Redis Cluster in memory that does what steps tell it, all nodes knowing the same at once.
class ClusterWorld {
 public:
    explicit ClusterWorld(int shards, int replicas_per_shard = 1);

    /// Plans and carries out until the plan has nothing left or `rounds` are over; what was done.
    std::vector<ClusterStepKind> settle(int rounds = 50);
    [[nodiscard]] ClusterPlan plan() { return make_cluster_plan(topology, observe()); }
    [[nodiscard]] Observed observe() const;
    [[nodiscard]] std::vector<int> slots_per_shard() const;

    struct Node {
        std::string id;
        Endpoint endpoint;
        std::string master;  // the id
        std::vector<std::string> known;
        std::vector<int> slots;
        std::vector<OpenSlot> open;
        std::string revision = "r1";
        std::int64_t keys = 0;
        bool answers = true;
        bool link_up = true;
        Endpoint sought{};  // where a replica without a link looks for its master
    };
    Node& node(int ordinal) { return nodes_[static_cast<std::size_t>(ordinal)]; }
    /// The pod comes back with an empty volume; its replica has been elected, or not yet.
    void lose_volume(int ordinal, bool is_elected = true);
    /// All come back, each at another address.
    void move_all();

    api::RedisTopology topology;

 private:
    void carry_out(const ClusterStep& step);
    void resize(int nodes);
    Node& at(const Endpoint& endpoint);
    Node* by_id(const std::string& id);

    std::vector<Node> nodes_;
    std::map<std::string, Endpoint> remembered_;    // by id: where others look for it
    std::map<std::string, std::vector<int>> lost_;  // by id: slots of nodes that are gone
    int made_ = 0;
    int generation_ = 0;
};

}  // namespace chatflow::redis_topology
