#pragma once

#include "controller/domain/scaling/metric_context.hpp"

#include <string>

namespace chatflow::scaling {

/// A metric whose level is made of pods.
struct PodMetric {
    const std::string* resource = nullptr;
    const std::string* container = nullptr;
    const api::UtilizationBand* band = nullptr;
    const api::MetricTarget* target = nullptr;
};

[[nodiscard]] api::MetricOutcome evaluate_pods(std::string name, const PodMetric& metric,
                                               const MetricContext& context);

}  // namespace chatflow::scaling
