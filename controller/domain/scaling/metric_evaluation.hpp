#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/domain/scaling/controls.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace chatflow::scaling {

// Reasons of metrics without data, beside those that the reader of the metric gives.
inline constexpr char kNotRead[] = "NotRead";              // the case has no reading for it
inline constexpr char kWrongReading[] = "WrongReading";    // a reading of another kind of metric
inline constexpr char kInvalidTarget[] = "InvalidTarget";  // no target, or one of 0
inline constexpr char kEmptyResult[] = "EmptyResult";      // no values
inline constexpr char kStaleSample[] = "StaleSample";      // all older than maxAgeSeconds
inline constexpr char kNoPods[] = "NoPods";                // the selector finds none
inline constexpr char kNoReadyPods[] = "NoReadyPods";      // none that counts has a sample
inline constexpr char kMissingRequest[] = "MissingRequest";
inline constexpr char kMissingContainer[] = "MissingContainer";  // compatibility autoscaling/v2

/// Of a metric with data: it is above its target, and yet asks for no more. The pods that are not
/// ready or not measured yet were counted as idle, and with them the average is where it should be.
inline constexpr char kAwaitingPods[] = "AwaitingPods";

/// What the metric with number `index` of the spec says about the replicas, with its sentence.
/// Verdict NoData where it says nothing: reason and message then tell why.
[[nodiscard]] api::MetricOutcome evaluate_metric(const api::ScalingPolicySpec& spec,
                                                 const api::Observation& seen,
                                                 const Controls& controls, std::size_t index);

/// "cpu", "app/cpu" for one container, else the metric's own name.
[[nodiscard]] std::string metric_name(const api::MetricSpec& metric);

}  // namespace chatflow::scaling
