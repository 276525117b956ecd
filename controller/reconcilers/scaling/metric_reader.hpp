#pragma once

#include "controller/api/core/pod.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/clients/prometheus/client.hpp"
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
    MetricReader(UsageCache& usage, prom::Client& prometheus)
        : usage_(usage), prometheus_(prometheus) {}

    /// `policy` and `pods` must outlive the call.
    [[nodiscard]] awaitable<std::vector<api::MetricReading>> read(
        const api::ScalingPolicy& policy, std::span<const std::shared_ptr<const api::Pod>> pods,
        Deadline deadline);

 private:
    [[nodiscard]] awaitable<api::MetricReading> read_usage(
        std::string resource, std::span<const std::shared_ptr<const api::Pod>> pods,
        Deadline deadline);
    [[nodiscard]] awaitable<api::MetricReading> read_query(const api::PrometheusMetric& metric,
                                                           Deadline deadline);

    UsageCache& usage_;
    prom::Client& prometheus_;
};

}  // namespace chatflow
