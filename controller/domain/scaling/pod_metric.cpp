#include "controller/domain/scaling/pod_metric.hpp"

#include "controller/domain/scaling/replica_math.hpp"

namespace chatflow::scaling {
namespace {

struct Sums {
    std::int64_t usage = 0;
    std::int64_t requests = 0;
    std::int64_t pods = 0;
};

Sums measured(const PodGroups& pods, Measure measure) {
    Sums sums{pods.usage, pods.requests, pods.ready};
    sums.pods += pods.strangers;
    if (measure == Measure::AveragePerPod) {
        sums.usage = capped_sum(sums.usage, pods.strangers_usage);
    }
    return sums;
}

std::int64_t level_of(const Sums& sums, Measure measure) {
    return measure == Measure::PercentOfRequests ? percent_of(sums.usage, sums.requests)
                                                 : sums.usage / sums.pods;
}

/// The sums with the pods that were left out put back, so that they weigh against the change.
Sums refilled(Sums sums, const PodGroups& pods, const Thresholds& thresholds, Measure measure,
              double ratio) {
    if (pods.missing > 0 && ratio != 1.0) {
        sums.pods += pods.missing;
        sums.requests = capped_sum(sums.requests, pods.missing_requests);
        if (ratio < 1.0) {
            const std::int64_t at_target = capped_product(thresholds.aim, pods.missing);
            sums.usage = capped_sum(
                sums.usage, measure == Measure::PercentOfRequests ? pods.missing_usage : at_target);
        }
    }
    if (pods.unready > 0 && ratio > 1.0) {
        sums.pods += pods.unready;
        sums.requests = capped_sum(sums.requests, pods.unready_requests);
    }
    return sums;
}

bool are_opposite(double before, double after) {
    return (before < 1.0 && after > 1.0) || (before > 1.0 && after < 1.0);
}

}  // namespace

Proposal propose_by_pods(const PodGroups& pods, const Thresholds& thresholds, Measure measure,
                         std::int32_t current) {
    const Sums sums = measured(pods, measure);
    Proposal proposal{.replicas = current, .level = level_of(sums, measure)};
    proposal.ratio = thresholds.ratio(proposal.level);
    proposal.holds = thresholds.hold(proposal.level);

    const bool weigh_unready = pods.unready > 0 && proposal.ratio > 1.0;
    if (!weigh_unready && pods.missing == 0) {
        if (!proposal.holds) {
            proposal.replicas = thresholds.replicas_for(proposal.level, pods.ready);
        }
        return proposal;
    }

    const Sums all = refilled(sums, pods, thresholds, measure, proposal.ratio);
    const std::int64_t level = level_of(all, measure);
    const double ratio = thresholds.ratio(level);
    if (thresholds.hold(level) || are_opposite(proposal.ratio, ratio)) {
        return proposal;
    }
    const std::int32_t replicas = thresholds.replicas_for(level, all.pods);
    const bool turns = (ratio < 1.0 && replicas > current) || (ratio > 1.0 && replicas < current);
    if (!turns) {
        proposal.replicas = replicas;
    }
    return proposal;
}

}  // namespace chatflow::scaling
