#pragma once

#include <vector>

namespace chatflow::redis_topology {

/// Slots that go from one shard to another.
struct SlotMove {
    int from = 0;
    int to = 0;
    std::vector<int> slots;
    bool operator==(const SlotMove&) const = default;
};

/// The fewest moves after which the first `wanted` shards have the slots evenly (they differ by
/// one at most) and the others none. `slots`: those of each shard, in order.
[[nodiscard]] std::vector<SlotMove> even_moves(const std::vector<std::vector<int>>& slots,
                                               int wanted);

/// How many slots each of `wanted` shards gets, of all that are given out.
[[nodiscard]] std::vector<int> even_shares(int slots, int wanted);

}  // namespace chatflow::redis_topology
