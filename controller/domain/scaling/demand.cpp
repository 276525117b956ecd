#include "controller/domain/scaling/demand.hpp"

namespace chatflow::scaling {

Demand demand_of(const std::vector<api::MetricOutcome>& metrics) {
    Demand demand;
    bool is_active = false;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        if (!metrics[i].proposal) {
            demand.first_missing = demand.first_missing.value_or(i);
        } else if (!demand.greatest || *metrics[i].proposal > *metrics[*demand.greatest].proposal) {
            demand.greatest = i;
        }
        if (metrics[i].active) {
            is_active = is_active || *metrics[i].active;
            demand.idle = demand.idle.value_or(i);
        }
    }
    if (is_active || demand.first_missing) demand.idle.reset();
    return demand;
}

}  // namespace chatflow::scaling
