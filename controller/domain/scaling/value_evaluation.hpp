#pragma once

#include "controller/domain/scaling/metric_context.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::scaling {

/// A metric of the whole target.
struct ValueMetric {
    const api::MetricTarget* target = nullptr;
    std::optional<api::Quantity> activation;
    std::int32_t max_age_seconds = 0;
    bool is_aged = false;  // whether an old value is no value
};

/// Object, External and Prometheus metrics: numbers of the whole target, summed.
[[nodiscard]] api::MetricOutcome evaluate_values(std::string name, const ValueMetric& metric,
                                                 const MetricContext& context);

}  // namespace chatflow::scaling
