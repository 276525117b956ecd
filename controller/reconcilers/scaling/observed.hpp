#pragma once

#include "controller/api/core/pod.hpp"
#include "controller/api/scaling_policy.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chatflow {

/// Why nothing can be decided about a policy until somebody changes something.
struct Obstacle {
    std::string reason;   // CamelCase: InvalidSpec, TargetNotFound, ConflictingAutoscaler, …
    std::string message;  // what is wrong and what to do

    bool operator==(const Obstacle&) const = default;
};

/// The target's scale as it was read: writing is conditional on this resource version.
struct ObservedScale {
    std::string group;
    std::string version;
    std::string plural;
    std::string resource_version;
    std::string selector;

    bool operator==(const ObservedScale&) const = default;
};

/// All that one reconcile has read.
struct ObservedPolicy {
    std::shared_ptr<const api::ScalingPolicy> policy;
    std::optional<Obstacle> obstacle;  // then there is no observation
    ObservedScale scale;
    std::vector<std::shared_ptr<const api::Pod>> pods;
    api::Observation observation;
    std::chrono::steady_clock::time_point steady_now{};  // at observation.now
};

}  // namespace chatflow
