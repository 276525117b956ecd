#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <sstream>

namespace chatflow::scaling::test {
namespace {

api::MetricTarget average_target(std::int64_t milli) {
    return {.type = api::MetricTargetType::AverageValue,
            .average_utilization = {},
            .average_value = api::Quantity::from_milli(milli),
            .value = {}};
}

api::MetricTarget value_target(std::int64_t milli) {
    return {.type = api::MetricTargetType::Value,
            .average_utilization = {},
            .average_value = {},
            .value = api::Quantity::from_milli(milli)};
}

api::MetricTarget utilization_target(std::int32_t percent) {
    return {.type = api::MetricTargetType::Utilization,
            .average_utilization = percent,
            .average_value = {},
            .value = {}};
}

api::MetricSpec resource_metric(std::string resource, std::optional<api::UtilizationBand> band,
                                std::optional<api::MetricTarget> target) {
    api::MetricSpec metric;
    metric.type = api::MetricType::Resource;
    metric.resource = api::ResourceMetric{std::move(resource), band, std::move(target)};
    return metric;
}

api::MetricSpec object_metric(api::MetricTarget target) {
    api::MetricSpec metric;
    metric.type = api::MetricType::Object;
    metric.object =
        api::ObjectMetric{{"v1", "Service", "front"}, {"requests", {}}, std::move(target)};
    return metric;
}

api::MetricSpec external_metric(api::MetricTarget target) {
    api::MetricSpec metric;
    metric.type = api::MetricType::External;
    metric.external = api::ExternalMetric{{"jobs", {}}, std::move(target)};
    return metric;
}

api::CasePod running_pod(std::size_t index) {
    api::CasePod pod;
    // Names that sort as they are made, as long as there are fewer than 10,000.
    pod.name = "pod-" + std::to_string(10000 + index);
    pod.start_time = kNow - 1h;
    pod.ready_transition_time = kNow - 59min;
    pod.containers = {
        {"app",
         {{"cpu", api::Quantity::from_milli(1000)}, {"memory", api::Quantity::from_milli(1000)}}}};
    return pod;
}

/// Makes of a running pod what the letter says, and returns the age of its sample.
std::chrono::seconds become(api::CasePod& pod, char letter) {
    switch (letter) {
        case 'u':
            pod.ready = api::ReadyStatus::False;
            pod.ready_transition_time = pod.start_time;
            break;
        case 'b':
            pod.ready = api::ReadyStatus::False;
            pod.ready_transition_time = kNow - 5min;
            break;
        case 'i':
            pod.start_time = kNow - 40s;
            pod.ready_transition_time = kNow - 10s;
            break;
        case 'n':
            pod.ready = api::ReadyStatus::Absent;
            break;
        case 'f':
            pod.phase = api::PodPhase::Failed;
            break;
        case 'd':
            pod.deletion_timestamp = kNow;
            break;
        case 'p':
            pod.phase = api::PodPhase::Pending;
            pod.ready = api::ReadyStatus::Absent;
            pod.start_time.reset();
            break;
        case 's':
            return 5min;
        default:
            break;
    }
    return 0s;
}

}  // namespace

PolicyBuilder& PolicyBuilder::add(api::MetricSpec metric) {
    spec_.metrics.push_back(std::move(metric));
    return *this;
}

PolicyBuilder& PolicyBuilder::cpu_band(std::int32_t above, std::int32_t below, std::int32_t aim) {
    return add(resource_metric("cpu", api::UtilizationBand{above, below, aim}, {}));
}

PolicyBuilder& PolicyBuilder::utilization(std::int32_t percent, std::string resource) {
    return add(resource_metric(std::move(resource), {}, utilization_target(percent)));
}

PolicyBuilder& PolicyBuilder::container_utilization(std::int32_t percent, std::string container) {
    api::MetricSpec metric;
    metric.type = api::MetricType::ContainerResource;
    metric.container_resource =
        api::ContainerResourceMetric{"cpu", std::move(container), {}, utilization_target(percent)};
    return add(std::move(metric));
}

PolicyBuilder& PolicyBuilder::resource_average(std::int64_t milli, std::string resource) {
    return add(resource_metric(std::move(resource), {}, average_target(milli)));
}

PolicyBuilder& PolicyBuilder::pods_average(std::int64_t milli) {
    api::MetricSpec metric;
    metric.type = api::MetricType::Pods;
    metric.pods = api::PodsMetric{{"sockets", {}}, average_target(milli)};
    return add(std::move(metric));
}

PolicyBuilder& PolicyBuilder::object_value(std::int64_t milli) {
    return add(object_metric(value_target(milli)));
}

PolicyBuilder& PolicyBuilder::object_average(std::int64_t milli) {
    return add(object_metric(average_target(milli)));
}

PolicyBuilder& PolicyBuilder::external_value(std::int64_t milli) {
    return add(external_metric(value_target(milli)));
}

PolicyBuilder& PolicyBuilder::external_average(std::int64_t milli) {
    return add(external_metric(average_target(milli)));
}

PolicyBuilder& PolicyBuilder::prometheus_average(std::int64_t milli) {
    api::MetricSpec metric;
    metric.type = api::MetricType::Prometheus;
    metric.prometheus = api::PrometheusMetric{
        .name = "queue-depth", .query = "sum(depth)", .target = average_target(milli)};
    return add(std::move(metric));
}

PolicyBuilder& PolicyBuilder::scale_up(api::ScalingRules rules) {
    if (!spec_.behavior) {
        spec_.behavior.emplace();
    }
    spec_.behavior->scale_up = std::move(rules);
    return *this;
}

PolicyBuilder& PolicyBuilder::scale_down(api::ScalingRules rules) {
    if (!spec_.behavior) {
        spec_.behavior.emplace();
    }
    spec_.behavior->scale_down = std::move(rules);
    return *this;
}

PolicyBuilder& PolicyBuilder::fallback(std::int32_t replicas, std::int32_t after_seconds) {
    spec_.on_missing_metrics = {api::MissingMetricsPolicy::Fallback, after_seconds, replicas};
    return *this;
}

api::Observation seen(std::int32_t replicas, std::string_view pods) {
    api::Observation result;
    result.now = kNow;
    result.replicas = {replicas, replicas};
    api::PodSamples samples;
    std::istringstream words{std::string{pods}};
    for (std::string word; words >> word;) {
        api::CasePod pod = running_pod(result.pods.size());
        const auto age = become(pod, word.back());
        if (word.front() >= '0' && word.front() <= '9') {
            const auto amount = api::Quantity::from_milli(std::stoll(word) * 10);
            api::PodSample sample;
            sample.pod = pod.name;
            sample.containers = {{"app", amount}};
            sample.value = amount;
            sample.timestamp = kNow - age;
            sample.window_seconds = 60;
            samples.pods.push_back(std::move(sample));
        }
        result.pods.push_back(std::move(pod));
    }
    result.metrics = {std::move(samples)};
    return result;
}

api::MetricReading values(std::vector<std::int64_t> milli, std::chrono::seconds age) {
    api::MetricValues result;
    for (const std::int64_t value : milli) {
        result.values.push_back(api::Quantity::from_milli(value));
    }
    result.timestamp = kNow - age;
    return result;
}

api::MetricReading error(std::string reason) {
    return api::MetricError{std::move(reason), "the query failed"};
}

api::Observation proposed(std::int32_t current, std::int32_t wanted) {
    api::Observation result;
    result.now = kNow;
    result.replicas = {current, current};
    result.proposal = wanted;
    return result;
}

api::RatePolicy pods_per(std::int32_t value, std::int32_t period_seconds) {
    return {api::RateType::Pods, value, period_seconds};
}

api::RatePolicy percent_per(std::int32_t value, std::int32_t period_seconds) {
    return {api::RateType::Percent, value, period_seconds};
}

}  // namespace chatflow::scaling::test
