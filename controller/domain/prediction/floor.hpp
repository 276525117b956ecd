#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::prediction {

/// Whether the metric goes up and down with the load of the whole target: cpu, a Pods metric, or an
/// AverageValue. Memory stays when load goes; a Value may say anything.
[[nodiscard]] bool follows_load(const api::MetricSpec& metric);

/// The entry of spec.metrics whose load is forecast: the first that follows it. Null without one.
[[nodiscard]] const api::MetricSpec* predicted_metric(const api::ScalingPolicySpec& spec);

/// The fewest replicas that carry the forecast's bound without asking for more. Nothing where the
/// forecast is missing, is not trusted or is about the past, and where no pod tells its request.
[[nodiscard]] std::optional<std::int32_t> predicted_replicas(const api::ScalingPolicySpec& spec,
                                                             const api::Observation& seen);

/// "a load of at most 4200m is expected at 08:05: 30 pods"
[[nodiscard]] std::string floor_text(const api::Forecast& forecast, std::int32_t replicas);

}  // namespace chatflow::prediction
