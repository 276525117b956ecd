#pragma once

#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/pod_metric.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::scaling {

/// What a metric's sentence is made of.
struct MetricStory {
    std::string_view name;
    std::string_view unit;  // " of requests", " per pod", or nothing
    bool is_percent = false;
    const api::UtilizationBand* band = nullptr;  // else `target` tells the threshold
    std::int64_t target = 0;                     // percent or milli-value
    std::int32_t current = 0;
    std::optional<std::int32_t> measured = std::nullopt;  // pods, where the level is made of pods
    std::int32_t unready = 0;
    std::int32_t missing = 0;
};

/// "cpu is at 83 % of requests, above 70 %: 4 → 6 pods (aiming at 60 %)"
[[nodiscard]] std::string metric_message(const MetricStory& story, const Proposal& proposal);

/// "1 pod", "4 pods"
[[nodiscard]] std::string pods_text(std::int64_t count);

}  // namespace chatflow::scaling
