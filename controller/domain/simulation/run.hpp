#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/domain/simulation/summary.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::simulation {

/// One evaluation of the policy.
struct Point {
    TimePoint at{};
    std::int64_t load = 0;
    std::int32_t replicas = 0;  // after it
    std::int32_t ready = 0;
    std::int32_t floor = 0;  // of the prediction; 0 where there is none

    bool operator==(const Point&) const = default;
};

struct Change {
    TimePoint at{};
    std::int32_t from = 0;
    std::int32_t to = 0;
    api::DecisionReason reason = api::DecisionReason::WithinBand;
    std::string message;

    bool operator==(const Change&) const = default;
};

/// What a policy would have done.
struct Run {
    std::string name;
    std::vector<Point> points;
    std::vector<Change> changes;
    Summary summary;

    bool operator==(const Run&) const = default;
};

}  // namespace chatflow::simulation
