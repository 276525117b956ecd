#pragma once

#include "controller/domain/redis/plan.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::redis_topology {

/// A node of the cluster with all that is known of it.
struct Member {
    std::string pod;
    int shard = 0;  // by its ordinal
    Endpoint endpoint;
    const NodeView* node = nullptr;
    const ClusterView* view = nullptr;
    [[nodiscard]] bool answers() const {
        return node->role != NodeRole::Unreachable && !view->known.empty();
    }
    [[nodiscard]] bool is_master() const { return answers() && node->role == NodeRole::Master; }
    [[nodiscard]] bool is_replica() const { return answers() && node->role == NodeRole::Replica; }
};

/// All views of a cluster put together. Points into what was observed.
class ClusterMap {
 public:
    ClusterMap(const api::RedisTopology& topology, const Observed& seen);

    [[nodiscard]] const std::vector<Member>& members() const { return members_; }
    /// Per slot the id of who has it; "" for nobody.
    [[nodiscard]] const std::vector<std::string>& owners() const { return owners_; }
    /// "" counts the slots that nobody has.
    [[nodiscard]] int slots_of(std::string_view id) const;
    [[nodiscard]] const Member* by_id(std::string_view id) const;
    [[nodiscard]] const Member* by_pod(std::string_view pod) const;
    /// The node whose word counts where others do not know better; null when none answers.
    [[nodiscard]] const Member* anchor() const { return anchor_; }
    /// Who serves the shard's slots; null while there is none.
    [[nodiscard]] const Member* master_of(int shard) const;
    [[nodiscard]] int pods_per_shard() const { return pods_per_shard_; }
    [[nodiscard]] bool all_answer() const;

 private:
    void find_anchor();
    void find_owners();

    std::vector<Member> members_;
    std::vector<std::string> owners_;
    std::map<std::string, int, std::less<>> counts_;  // of owners_
    const Member* anchor_ = nullptr;
    int pods_per_shard_;
};

}  // namespace chatflow::redis_topology
