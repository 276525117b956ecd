#pragma once

#include "controller/domain/redis/view.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::redis_topology {

inline constexpr int kClusterSlots = 16'384;

/// Slots `first` to `last`, both included.
struct SlotRange {
    int first = 0;
    int last = 0;
    bool operator==(const SlotRange&) const = default;
};

/// A node of a cluster as another one, or it itself, knows it.
struct KnownNode {
    std::string id;
    Endpoint endpoint;
    std::string master_id;  // of a replica
    std::int64_t epoch = 0;
    bool is_self = false;
    bool is_master = false;
    bool has_failed = false;   // or is about to be found so, or has no address
    bool is_met = true;        // false while the two still greet each other
    bool is_connected = true;  // its link
    std::vector<SlotRange> slots;
    bool operator==(const KnownNode&) const = default;
};

/// A slot that is on its way between two nodes, as one of them says.
struct OpenSlot {
    int slot = 0;
    std::string other;  // whom it goes to, or comes from
    bool is_importing = false;
    bool operator==(const OpenSlot&) const = default;
};

/// What one node says of its cluster; `known` is empty while it does not answer.
struct ClusterView {
    std::string id;
    bool is_ok = false;  // it serves its slots
    std::vector<KnownNode> known;
    std::vector<OpenSlot> open;
    bool operator==(const ClusterView&) const = default;
};

/// The node that answered CLUSTER NODES with this text. Lines that are not understood are skipped.
[[nodiscard]] ClusterView cluster_from_nodes(std::string_view text);

/// Neighbouring slots as ranges; `slots` is in order.
[[nodiscard]] std::vector<SlotRange> ranges_of(const std::vector<int>& slots);

[[nodiscard]] const KnownNode* self_of(const ClusterView& view);
[[nodiscard]] const KnownNode* known_by_id(const ClusterView& view, std::string_view id);

}  // namespace chatflow::redis_topology
