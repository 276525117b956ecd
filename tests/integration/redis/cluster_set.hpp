#pragma once

#include "controller/domain/redis/cluster_plan.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace chatflow::test {

/// redis-servers of a cluster, as the operator's pods are: started by chatflow-redis, with a folder
/// that stays. It observes, plans and takes steps as the reconciler does.
class ClusterSet {
 public:
    /// `first_data`: a folder of backups, with whose newest the first node of each shard begins.
    explicit ClusterSet(int shards, std::filesystem::path first_data = {});
    ~ClusterSet();
    ClusterSet(const ClusterSet&) = delete;
    ClusterSet& operator=(const ClusterSet&) = delete;

    /// Until the plan has nothing left; false when that takes longer than `seconds`.
    [[nodiscard]] bool settle(int seconds);
    /// What the last plan still wanted.
    [[nodiscard]] std::string unfinished() const;
    /// Once.
    redis_topology::ClusterPlan round();

    void set_shards(int shards) { topology_.spec.shards = shards; }
    [[nodiscard]] redis_topology::ClusterState state();
    /// Of the node of that number.
    [[nodiscard]] int port(int node) const;
    [[nodiscard]] int nodes() const { return static_cast<int>(nodes_.size()); }
    [[nodiscard]] redis_topology::NodeView node(int number);

    /// kill -9, and a start with the same folder at another port.
    void restart_all_elsewhere();
    /// kill -9, and a start without what it had.
    void replace(int node);
    /// What preStop does.
    void hand_over(int node);
    /// What the operator's Job does; its exit code. `said`: what it left as its last word.
    int back_up(const std::filesystem::path& to, const std::string& name);
    [[nodiscard]] std::string said() const;

 private:
    struct Node;
    void start(int node);
    void resize(int nodes);
    void bring_first_data(int node);
    int run_copy(std::vector<std::string> arguments);
    [[nodiscard]] redis_topology::Observed observe();

    TemporaryFolder folder_;
    std::filesystem::path first_data_;
    api::RedisTopology topology_;
    std::vector<std::unique_ptr<Node>> nodes_;
    redis_topology::ClusterPlan last_;
};

}  // namespace chatflow::test
