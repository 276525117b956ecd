#pragma once

#include "controller/api/core/pod.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/clients/prometheus/client.hpp"
#include "controller/reconcilers/scaling/direct_usage.hpp"
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
    /// `direct`, where there is one, serves policies with a period below kDirectBelow.
    MetricReader(UsageCache& usage, prom::Client& prometheus, DirectUsage* direct = nullptr)
        : usage_(usage), prometheus_(prometheus), direct_(direct) {}

    /// Prometheus scrapes no more often than this; whoever decides more often asks for speed.
    static constexpr std::int32_t kDirectBelow = 5;  // seconds

    /// `policy` and `pods` must outlive the call.
    [[nodiscard]] awaitable<std::vector<api::MetricReading>> read(
        const api::ScalingPolicy& policy, std::span<const std::shared_ptr<const api::Pod>> pods,
        Deadline deadline);

 private:
    [[nodiscard]] awaitable<api::MetricReading> read_usage(
        std::string resource, const api::ScalingPolicy& policy,
        std::span<const std::shared_ptr<const api::Pod>> pods, Deadline deadline);
    [[nodiscard]] awaitable<api::MetricReading> read_query(const api::PrometheusMetric& metric,
                                                           Deadline deadline);

    UsageCache& usage_;
    prom::Client& prometheus_;
    DirectUsage* direct_;
};

}  // namespace chatflow
