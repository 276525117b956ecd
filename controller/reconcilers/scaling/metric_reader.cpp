#include "controller/reconcilers/scaling/metric_reader.hpp"

#include "controller/clients/prometheus/instant_vector.hpp"

#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace chatflow {
namespace {

using Pods = std::span<const std::shared_ptr<const api::Pod>>;

api::MetricReading samples_of(const prom::UsageSnapshot& snapshot, Pods pods,
                              std::int32_t window_seconds) {
    api::PodSamples samples;
    samples.pods.reserve(pods.size());
    for (const auto& pod : pods) {
        const auto* containers = snapshot.find(key_of(pod->metadata));
        if (containers == nullptr) continue;
        api::PodSample sample{.pod = pod->metadata.name, .window_seconds = window_seconds};
        for (const prom::ContainerSample& container : *containers) {
            sample.containers.push_back({container.container, container.usage});
            // A pod is as fresh as the oldest of its containers' samples.
            if (!sample.timestamp || container.at < *sample.timestamp)
                sample.timestamp = container.at;
        }
        samples.pods.push_back(std::move(sample));
    }
    if (samples.pods.empty() && !pods.empty()) {
        if (snapshot.not_numbers() > 0) {
            return api::MetricError{"NotANumber", "Prometheus answered with NaN or infinity only"};
        }
        return api::MetricError{
            "EmptyResult",
            fmt::format("Prometheus has no sample for any of the {} pods", pods.size())};
    }
    return samples;
}

/// One finite number, or why there is none.
api::MetricReading value_of(const std::string& body) {
    std::optional<prom::VectorSample> only;
    std::size_t seen = 0;
    const auto read = prom::read_instant_vector(body, {}, [&](const prom::VectorSample& sample) {
        only = sample;
        ++seen;
    });
    if (!read) return read.error();
    if (seen == 0) return api::MetricError{"EmptyResult", "the query yields no sample"};
    if (seen > 1) {
        return api::MetricError{
            "TooManySeries",
            fmt::format(
                "the query yields {} series and must yield one: aggregate it with sum() or max()",
                seen)};
    }
    if (!std::isfinite(only->value)) {
        return api::MetricError{"NotANumber", fmt::format("the query yields {}", only->value)};
    }
    // Beyond this a milli-value does not fit 63 bits.
    constexpr double kValueMax = 9.2e15;
    if (std::abs(only->value) > kValueMax) {
        return api::MetricError{
            "NotANumber", fmt::format("the query yields {}, which is too large", only->value)};
    }
    const auto milli = static_cast<std::int64_t>(std::ceil(only->value * 1000));
    return api::MetricValues{{api::Quantity::from_milli(milli)}, only->at};
}

}  // namespace

awaitable<std::vector<api::MetricReading>> MetricReader::read(const api::ScalingPolicy& policy,
                                                              Pods pods, Deadline deadline) {
    std::vector<api::MetricReading> readings;
    for (const api::MetricSpec& metric : policy.spec.metrics) {
        switch (metric.type) {
            case api::MetricType::Resource:
                readings.push_back(
                    co_await read_usage(metric.resource->name, policy, pods, deadline));
                break;
            case api::MetricType::ContainerResource:
                readings.push_back(
                    co_await read_usage(metric.container_resource->name, policy, pods, deadline));
                break;
            case api::MetricType::Prometheus:
                readings.push_back(co_await read_query(*metric.prometheus, deadline));
                break;
            case api::MetricType::Pods:
            case api::MetricType::Object:
            case api::MetricType::External:
                readings.push_back(api::MetricError{
                    "SourceUnavailable",
                    "metrics of type Pods, Object and External need an adapter that this release "
                    "does not read: use type Prometheus with the query behind it"});
                break;
        }
    }
    co_return readings;
}

awaitable<api::MetricReading> MetricReader::read_usage(std::string name,
                                                       const api::ScalingPolicy& policy, Pods pods,
                                                       Deadline deadline) {
    const auto resource = prom::resource_named(name);
    if (!resource) {
        co_return api::MetricError{"UnknownResource", name + " is not measured: use cpu or memory"};
    }
    const std::int32_t period = policy.spec.evaluation_period_seconds;
    if (direct_ != nullptr && period < kDirectBelow) {
        // Half a period: two policies that take turns must not live on each other's old page.
        co_return co_await direct_->read(*resource, pods, std::chrono::milliseconds{500 * period},
                                         deadline);
    }
    const auto snapshot = co_await usage_.read(*resource, policy.metadata.name_space, deadline);
    if (!*snapshot) co_return snapshot->error();
    co_return samples_of(**snapshot, pods, usage_.window_seconds());
}

awaitable<api::MetricReading> MetricReader::read_query(const api::PrometheusMetric& metric,
                                                       Deadline deadline) {
    // Prometheus itself leaves out what is older, so that an old sample is an empty result.
    const auto body = co_await prometheus_.query(
        metric.query, {.lookback = std::chrono::seconds{metric.max_age_seconds}}, deadline);
    if (!body) co_return body.error();
    co_return value_of(*body);
}

}  // namespace chatflow
