#pragma once

#include "controller/api/quantity.hpp"
#include "libs/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::api {

/// What one policy would have cost with a recorded load, and what it would have failed to serve.
struct SimulatedRun {
    std::string name;
    std::int64_t under_provisioned_seconds = 0;  // load above what the ready pods are to take
    std::int64_t longest_under_seconds = 0;      // the longest of these without a break
    Quantity unserved_percent;                   // of the load, above the limits of ready pods
    std::int64_t pod_seconds = 0;                // from creation to deletion, ready or not
    std::int32_t changes = 0;
    std::int32_t flips = 0;  // changes in the other direction than the one before
    std::int32_t most_replicas = 0;
    bool operator==(const SimulatedRun&) const = default;
};

/// What `kubectl chatflow simulate` told of a policy, attached to it by a person.
struct SimulationResult {
    TimePoint at{};    // when it was simulated
    TimePoint from{};  // of the load
    TimePoint to{};
    std::vector<SimulatedRun> runs;  // at most kSimulatedRunsMax
    bool operator==(const SimulationResult&) const = default;
};

inline constexpr std::size_t kSimulatedRunsMax = 12;  // eight policies, two of HPA, two oracles

}  // namespace chatflow::api
