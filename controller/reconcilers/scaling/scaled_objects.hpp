#pragma once

#include "controller/api/scaling_policy.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/clients/kube/discovery.hpp"
#include "controller/reconcilers/scaling/observed.hpp"
#include "controller/reconcilers/scaling/recent.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace chatflow {

/// KEDA's ScaledObjects, where that kind is installed: each namespace's are listed at most once
/// per kFreshness. Without the kind, or without the right to list it, there are none. One executor.
class ScaledObjects {
 public:
    ScaledObjects(kube::Client& kube, kube::Discovery& discovery)
        : kube_(kube), discovery_(discovery) {}

    /// The conflict with a ScaledObject that has this policy's target; none for one that only
    /// observes. `policy` outlives the call.
    [[nodiscard]] awaitable<std::optional<Obstacle>> find_conflict(const api::ScalingPolicy& policy,
                                                                   Deadline deadline);

    static constexpr std::chrono::seconds kFreshness{30};

 private:
    using Names = std::map<std::string, std::string>;  // by the target_value

    [[nodiscard]] awaitable<Names> read(std::string name_space, Deadline deadline);

    kube::Client& kube_;
    kube::Discovery& discovery_;
    Recent<Names> known_{kFreshness};
};

}  // namespace chatflow
