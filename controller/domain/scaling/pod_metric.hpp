#pragma once

#include "controller/domain/scaling/pod_groups.hpp"
#include "controller/domain/scaling/thresholds.hpp"

#include <cstdint>

namespace chatflow::scaling {

/// What a metric measured and what it asks for, before stabilization, policies and bounds.
struct Proposal {
    std::int32_t replicas = 0;
    /// Percent of the requests, or milli-values (per pod, or of the whole).
    std::int64_t level = 0;
    /// level / target; above 1 there is too much load, below 1 too little.
    double ratio = 1.0;
    bool holds = false;  // the level is where nothing happens

    bool operator==(const Proposal&) const = default;
};

/// How a level is made of sums over pods.
enum class Measure {
    PercentOfRequests,  // Utilization targets and bands
    AveragePerPod       // AverageValue targets
};

/// HPA's calculation over pods. A pod without a sample counts against the change: as fully used on
/// the way down, as idle on the way up; so does a pod that is not ready on the way up. `current`
/// stays when they leave no reason to act. Needs one ready pod (or stranger), and for
/// PercentOfRequests requests above 0.
[[nodiscard]] Proposal propose_by_pods(const PodGroups& pods, const Thresholds& thresholds,
                                       Measure measure, std::int32_t current);

}  // namespace chatflow::scaling
