#include "controller/domain/scaling/value_metric.hpp"

#include "controller/domain/scaling/replica_math.hpp"

namespace chatflow::scaling {

Proposal propose_by_value(std::int64_t total, const Thresholds& thresholds, std::int32_t current,
                          std::int32_t ready_pods) {
    Proposal proposal{.replicas = current, .level = total, .ratio = thresholds.ratio(total)};
    proposal.holds = current != 0 && thresholds.hold(total);
    if (!proposal.holds) {
        proposal.replicas = thresholds.replicas_for(total, current == 0 ? 1 : ready_pods);
    }
    return proposal;
}

Proposal propose_by_average(std::int64_t total, const Thresholds& thresholds,
                            const api::CaseReplicas& replicas, api::Compatibility compatibility) {
    const bool to_the_letter = compatibility == api::Compatibility::AutoscalingV2;
    Proposal proposal{.replicas = to_the_letter ? replicas.status : replicas.spec};
    const std::int64_t shared = capped_product(thresholds.aim, replicas.status);
    // 0 pods make it infinite, or not a number, which is neither above nor below.
    proposal.ratio = static_cast<double>(total) / static_cast<double>(shared);
    // Rounded up, as HPA shows it.
    proposal.level =
        replicas.status > 0 ? total / replicas.status + (total % replicas.status > 0) : total;
    const bool is_near =
        thresholds.rebalances ? total == shared : thresholds.tolerance.contains(total, shared);
    proposal.holds = is_near && (to_the_letter || replicas.spec != 0);
    if (!proposal.holds) {
        proposal.replicas = thresholds.replicas_for(total, 1);
    }
    return proposal;
}

}  // namespace chatflow::scaling
