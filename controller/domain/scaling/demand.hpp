#pragma once

#include "controller/api/scaling_decision.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace chatflow::scaling {

/// What the metrics ask for together.
struct Demand {
    std::optional<std::size_t> greatest;       // index of the metric that decides
    std::optional<std::size_t> first_missing;  // index of the first without data
    std::optional<std::size_t> idle;           // the first idle one, where all that can be are
};

/// The maximum wins; of equal ones the first.
[[nodiscard]] Demand demand_of(const std::vector<api::MetricOutcome>& metrics);

}  // namespace chatflow::scaling
