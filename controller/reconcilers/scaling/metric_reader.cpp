#include "controller/reconcilers/scaling/metric_reader.hpp"

#include "controller/clients/prometheus/instant_vector.hpp"
#include "libs/async/side_by_side.hpp"

#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace chatflow {
namespace {

using Pods = std::span<const std::shared_ptr<const api::Pod>>;

api::PodSample sample_of(const api::Pod& pod, const std::vector<prom::ContainerSample>& containers,
                         std::int32_t window_seconds) {
    api::PodSample sample{.pod = pod.metadata.name, .window_seconds = window_seconds};
    sample.containers.reserve(containers.size());
    for (const prom::ContainerSample& container : containers) {
        sample.containers.push_back({container.container, container.usage});
        // A pod is as fresh as the oldest of its containers' samples.
        if (!sample.timestamp || container.at < *sample.timestamp) sample.timestamp = container.at;
    }
    return sample;
}

api::MetricError no_sample(const char* source, Pods pods) {
    return {"EmptyResult",
            fmt::format("{} has no sample for any of the {} pods", source, pods.size())};
}

api::MetricReading samples_of(const prom::UsageSnapshot& snapshot, Pods pods,
                              std::int32_t window_seconds) {
    api::PodSamples samples;
    samples.pods.reserve(pods.size());
    for (const auto& pod : pods) {
        const auto containers = snapshot.find(key_of(pod->metadata));
        if (containers.empty()) continue;
        samples.pods.push_back(sample_of(*pod, containers, window_seconds));
    }
    if (!samples.pods.empty() || pods.empty()) return samples;
    if (snapshot.not_numbers() > 0) {
        return api::MetricError{"NotANumber", "Prometheus answered with NaN or infinity only"};
    }
    return no_sample("Prometheus", pods);
}

api::MetricReading samples_of(const metrics_api::UsageByPod& usage, Pods pods) {
    api::PodSamples samples;
    for (const auto& pod : pods) {
        const auto found = usage.find(pod->metadata.name);
        if (found == usage.end()) continue;
        samples.pods.push_back(
            sample_of(*pod, found->second.containers, found->second.window_seconds));
    }
    if (!samples.pods.empty() || pods.empty()) return samples;
    return no_sample("metrics.k8s.io", pods);
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
                                                              Pods pods, std::string selector,
                                                              Deadline deadline) {
    const auto& metrics = policy.spec.metrics;
    std::vector<api::MetricReading> readings(metrics.size());
    if (metrics.size() == 1) {
        co_await read_into(readings[0], metrics[0], policy, pods, std::move(selector), deadline);
        co_return readings;
    }
    std::vector<awaitable<void>> tasks;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        tasks.push_back(read_into(readings[i], metrics[i], policy, pods, selector, deadline));
    }
    co_await side_by_side(std::move(tasks), kMetricsAtOnce);
    co_return readings;
}

awaitable<void> MetricReader::read_into(api::MetricReading& reading, const api::MetricSpec& metric,
                                        const api::ScalingPolicy& policy, Pods pods,
                                        std::string selector, Deadline deadline) {
    const std::string& name_space = policy.metadata.name_space;
    switch (metric.type) {
        case api::MetricType::Resource:
            reading = co_await read_usage(metric.resource->name, policy, pods, deadline);
            break;
        case api::MetricType::ContainerResource:
            reading = co_await read_usage(metric.container_resource->name, policy, pods, deadline);
            break;
        case api::MetricType::Prometheus:
            reading = co_await read_query(*metric.prometheus, name_space, deadline);
            break;
        case api::MetricType::Pods:
            reading = co_await from_.adapters.of_pods(metric.pods->metric, name_space,
                                                      std::move(selector), deadline);
            break;
        case api::MetricType::Object:
            reading = co_await from_.adapters.of_object(*metric.object, name_space, deadline);
            break;
        case api::MetricType::External:
            reading =
                co_await from_.adapters.external(metric.external->metric, name_space, deadline);
            break;
    }
}

awaitable<api::MetricReading> MetricReader::read_usage(std::string name,
                                                       const api::ScalingPolicy& policy, Pods pods,
                                                       Deadline deadline) {
    const auto resource = prom::resource_named(name);
    if (!resource) {
        co_return api::MetricError{"UnknownResource", name + " is not measured: use cpu or memory"};
    }
    const std::string& name_space = policy.metadata.name_space;
    const std::int32_t period = policy.spec.evaluation_period_seconds;
    if (from_.direct != nullptr && period < kDirectBelow) {
        // Half a period: two policies that take turns must not live on each other's old page.
        co_return co_await from_.direct->read(*resource, pods,
                                              std::chrono::milliseconds{500 * period}, deadline);
    }
    if (policy.spec.resource_source == api::ResourceSource::MetricsApi) {
        const auto usage = co_await from_.api_usage.read(*resource, name_space, deadline);
        if (!*usage) co_return usage->error();
        co_return samples_of(**usage, pods);
    }
    const auto snapshot = co_await from_.usage.read(*resource, name_space, deadline);
    if (!*snapshot) co_return snapshot->error();
    co_return samples_of(**snapshot, pods, from_.usage.window_seconds());
}

awaitable<api::MetricReading> MetricReader::read_query(const api::PrometheusMetric& metric,
                                                       std::string name_space, Deadline deadline) {
    // Prometheus itself leaves out what is older, so that an old sample is an empty result.
    const prom::QueryOptions options{.lookback = std::chrono::seconds{metric.max_age_seconds}};
    std::expected<std::string, api::MetricError> body;
    if (metric.server) {
        body = co_await from_.servers.query(*metric.server, std::move(name_space), metric.query,
                                            options, deadline);
    } else {
        body = co_await from_.prometheus.query(metric.query, options, deadline);
    }
    if (!body) co_return body.error();
    co_return value_of(*body);
}

}  // namespace chatflow
