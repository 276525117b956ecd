#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/clients/prometheus/pod_usage.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::metrics_api {

/// What metrics.k8s.io says of one pod, for one resource.
struct PodUsage {
    std::vector<prom::ContainerSample> containers;
    std::int32_t window_seconds = 0;
};
using UsageByPod = std::map<std::string, PodUsage>;  // by name; one namespace

/// From a PodMetricsList. Entries that cannot be read are left out: no data, no 0.
[[nodiscard]] UsageByPod read_pod_metrics(const nlohmann::json& list, prom::Resource resource);

/// From a MetricValueList of custom.metrics.k8s.io about pods.
[[nodiscard]] api::MetricReading read_pod_values(const nlohmann::json& list);

/// From a MetricValueList about one object, or an ExternalMetricValueList: its values with the
/// oldest of their times.
[[nodiscard]] api::MetricReading read_values(const nlohmann::json& list);

/// "15s", "1m30s", "1m30.5s" → whole seconds; 0 for what is no duration.
[[nodiscard]] std::int32_t seconds_of(const std::string& duration);

}  // namespace chatflow::metrics_api
