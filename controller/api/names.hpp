#pragma once

#include "controller/api/condition.hpp"
#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"

#include <string_view>

namespace chatflow::api {

// The word of an enumerator as it stands in JSON, columns, events and metrics. Empty for a number
// that is no enumerator.

[[nodiscard]] std::string_view to_string(ConditionStatus value);
[[nodiscard]] std::string_view to_string(PodPhase value);
[[nodiscard]] std::string_view to_string(ReadyStatus value);
[[nodiscard]] std::string_view to_string(MetricVerdict value);
[[nodiscard]] std::string_view to_string(DecisionReason value);
[[nodiscard]] std::string_view to_string(LimitedBy value);
[[nodiscard]] std::string_view to_string(ResourceSource value);
[[nodiscard]] std::string_view to_string(ScalingMode value);
[[nodiscard]] std::string_view to_string(Compatibility value);
[[nodiscard]] std::string_view to_string(MetricTargetType value);
[[nodiscard]] std::string_view to_string(MetricType value);
[[nodiscard]] std::string_view to_string(RateType value);
[[nodiscard]] std::string_view to_string(SelectPolicy value);
[[nodiscard]] std::string_view to_string(MissingMetricsPolicy value);
[[nodiscard]] std::string_view to_string(ScaleDirection value);
[[nodiscard]] std::string_view to_string(ControlType value);
[[nodiscard]] std::string_view to_string(PredictionMode value);
[[nodiscard]] std::string_view to_string(PredictionState value);
[[nodiscard]] std::string_view to_string(PredictionModel value);

}  // namespace chatflow::api
