#pragma once

#include "controller/api/core/pod.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/clients/metrics_api/client.hpp"
#include "controller/clients/prometheus/client.hpp"
#include "controller/reconcilers/scaling/api_usage.hpp"
#include "controller/reconcilers/scaling/direct_usage.hpp"
#include "controller/reconcilers/scaling/prometheus_servers.hpp"
#include "controller/reconcilers/scaling/usage_cache.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chatflow {

/// Reads what spec.metrics names, one reading per entry. A source that fails, is empty or answers
/// with something that is no number becomes a MetricError: never a zero, never an exception.
class MetricReader {
 public:
    /// All outlive the reader.
    struct Sources {
        UsageCache& usage;           // cpu and memory from the controller's Prometheus
        ApiUsage& api_usage;         // the same from metrics.k8s.io
        prom::Client& prometheus;    // the controller's own
        PrometheusServers& servers;  // those that policies name
        metrics_api::Client& adapters;
        DirectUsage* direct = nullptr;  // serves policies with a period below kDirectBelow
    };
    explicit MetricReader(Sources sources) : from_(sources) {}

    /// Prometheus scrapes no more often than this; whoever decides more often asks for speed.
    static constexpr std::int32_t kDirectBelow = 5;  // seconds

    static constexpr std::size_t kMetricsAtOnce = 8;  // of one policy

    using Pods = std::span<const std::shared_ptr<const api::Pod>>;

    /// `policy` and `pods`, which `selector` selects, must outlive the call.
    [[nodiscard]] awaitable<std::vector<api::MetricReading>> read(const api::ScalingPolicy& policy,
                                                                  Pods pods, std::string selector,
                                                                  Deadline deadline);

 private:
    /// What is referred to outlives the call.
    [[nodiscard]] awaitable<void> read_into(api::MetricReading& reading,
                                            const api::MetricSpec& metric,
                                            const api::ScalingPolicy& policy, Pods pods,
                                            std::string selector, Deadline deadline);
    [[nodiscard]] awaitable<api::MetricReading> read_usage(std::string resource,
                                                           const api::ScalingPolicy& policy,
                                                           Pods pods, Deadline deadline);
    [[nodiscard]] awaitable<api::MetricReading> read_query(const api::PrometheusMetric& metric,
                                                           std::string name_space,
                                                           Deadline deadline);

    Sources from_;
};

}  // namespace chatflow
