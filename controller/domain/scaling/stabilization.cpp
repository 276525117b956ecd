#include "controller/domain/scaling/stabilization.hpp"

#include <algorithm>

namespace chatflow::scaling {

Limited stabilize(std::int32_t current, std::int32_t wanted,
                  const std::vector<api::Recommendation>& past, TimePoint now,
                  const DirectionRules& up, const DirectionRules& down) {
    std::int32_t least = wanted;
    std::int32_t greatest = wanted;
    for (const api::Recommendation& recommendation : past) {
        if (recommendation.at > now - up.window) {
            least = std::min(least, recommendation.replicas);
        }
        if (recommendation.at > now - down.window) {
            greatest = std::max(greatest, recommendation.replicas);
        }
    }
    const std::int32_t replicas = std::min(std::max(current, least), greatest);
    if (replicas == wanted) {
        return {replicas, api::LimitedBy::None};
    }
    return {replicas, wanted > current ? api::LimitedBy::ScaleUpStabilization
                                       : api::LimitedBy::ScaleDownStabilization};
}

Limited stabilize_legacy(std::int32_t wanted, const std::vector<api::Recommendation>& past,
                         TimePoint now) {
    std::int32_t greatest = wanted;
    for (const api::Recommendation& recommendation : past) {
        if (recommendation.at >= now - kLegacyWindow) {
            greatest = std::max(greatest, recommendation.replicas);
        }
    }
    return {greatest,
            greatest == wanted ? api::LimitedBy::None : api::LimitedBy::ScaleDownStabilization};
}

}  // namespace chatflow::scaling
