#include "controller/domain/redis/cluster_moves.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace chatflow::redis_topology {

std::vector<int> even_shares(int slots, int wanted) {
    std::vector<int> shares(static_cast<std::size_t>(wanted), slots / wanted);
    for (int i = 0; i < slots % wanted; ++i) ++shares[static_cast<std::size_t>(i)];
    return shares;
}

std::vector<SlotMove> even_moves(const std::vector<std::vector<int>>& slots, int wanted) {
    const int total = std::accumulate(slots.begin(), slots.end(), 0, [](int sum, const auto& s) {
        return sum + static_cast<int>(s.size());
    });
    std::vector<int> shares = even_shares(total, wanted);
    // Who has most keeps the odd slot, so that an even layout is never moved again.
    std::vector<std::size_t> order(shares.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto size_of = [&slots](std::size_t i) { return i < slots.size() ? slots[i].size() : 0; };
    std::ranges::stable_sort(order, std::ranges::greater{}, size_of);
    std::vector<int> due(std::max(slots.size(), shares.size()), 0);
    for (std::size_t rank = 0; rank < order.size(); ++rank) due[order[rank]] = shares[rank];

    std::vector<SlotMove> moves;
    for (std::size_t to = 0; to < due.size(); ++to) {
        int missing = due[to] - static_cast<int>(size_of(to));
        for (std::size_t from = 0; from < slots.size() && missing > 0; ++from) {
            // What this shard has given away already stands at the end of its slots.
            int given = 0;
            for (const SlotMove& move : moves) {
                if (move.from == static_cast<int>(from))
                    given += static_cast<int>(move.slots.size());
            }
            const int spare = static_cast<int>(slots[from].size()) - given - due[from];
            const int count = std::min(missing, spare);
            if (count <= 0) continue;
            const auto end = slots[from].end() - given;
            moves.push_back({static_cast<int>(from), static_cast<int>(to), {end - count, end}});
            missing -= count;
        }
    }
    return moves;
}

}  // namespace chatflow::redis_topology
