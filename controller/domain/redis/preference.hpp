#pragma once

#include "controller/domain/redis/view.hpp"

#include <chrono>
#include <map>
#include <vector>

namespace chatflow::redis_topology {

/// The priorities of replicas: a Sentinel elects the lowest, of equal ones the furthest, and never
/// 0.
inline constexpr int kPreferred = 1;  // whom a hand-over is about to go to
inline constexpr int kNormal = 100;

/// A hand-over that takes longer has died: its own deadline is 30 s.
inline constexpr std::chrono::seconds kHandoverMax{45};

/// Remembers since when replicas are preferred. One that stays so after its hand-over has died
/// would be elected before others that have more of the data.
class Preferences {
 public:
    /// Those that have been preferred for too long, by what the nodes say now.
    [[nodiscard]] std::vector<Endpoint> left_behind(const std::vector<NodeView>& nodes,
                                                    std::chrono::steady_clock::time_point now);

 private:
    std::map<Endpoint, std::chrono::steady_clock::time_point> since_;
};

}  // namespace chatflow::redis_topology
