#include "controller/domain/prediction/floor.hpp"

#include "controller/domain/scaling/metric_message.hpp"
#include "controller/domain/scaling/pod_groups.hpp"
#include "controller/domain/scaling/replica_math.hpp"
#include "controller/domain/scaling/thresholds.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace chatflow::prediction {
namespace {

using api::MetricSpec;
using api::MetricType;

const std::string kCpu = "cpu";

/// What one pod requests, on average; nothing where one of them says nothing.
std::optional<std::int64_t> mean_request(const MetricSpec& metric, const api::Observation& seen) {
    const std::string* container =
        metric.container_resource ? &metric.container_resource->container : nullptr;
    scaling::PodRules rules{.resource = &kCpu, .container = container};
    rules.with_requests = true;
    const scaling::PodGroups groups =
        scaling::group_pods(seen.pods, api::PodSamples{}, rules, seen.now);
    const std::int64_t pods = groups.unready + groups.missing;
    const std::int64_t requests =
        scaling::capped_sum(groups.unready_requests, groups.missing_requests);
    if (pods == 0 || groups.without_request != nullptr || requests < pods) return std::nullopt;
    return requests / pods;
}

/// Up to where one pod's part does not ask for another: in thousandths of `whole`, the request or
/// the target's amount.
struct Room {
    std::int64_t whole = 0;
    std::int64_t milli = 0;
};

std::optional<Room> room_of(const std::optional<api::UtilizationBand>& band,
                            const std::optional<api::MetricTarget>& target,
                            const api::ScalingPolicySpec& spec,
                            std::optional<std::int64_t> request) {
    if (band && request) return Room{*request, std::int64_t{10} * band->scale_up_above};
    if (!target) return std::nullopt;
    const std::int64_t most = scaling::tolerance_of(spec).most_milli;
    if (target->average_value) return Room{target->average_value->milli(), most};
    if (!target->average_utilization || !request) return std::nullopt;
    return Room{*request, scaling::capped_product(*target->average_utilization, most) / 100};
}

std::optional<Room> room_of(const MetricSpec& metric, const api::ScalingPolicySpec& spec,
                            const api::Observation& seen) {
    switch (metric.type) {
        case MetricType::Resource:
            return room_of(metric.resource->band, metric.resource->target, spec,
                           mean_request(metric, seen));
        case MetricType::ContainerResource:
            return room_of(metric.container_resource->band, metric.container_resource->target, spec,
                           mean_request(metric, seen));
        case MetricType::Pods:
            return room_of(std::nullopt, metric.pods->target, spec, std::nullopt);
        case MetricType::Object:
            return room_of(std::nullopt, metric.object->target, spec, std::nullopt);
        case MetricType::External:
            return room_of(std::nullopt, metric.external->target, spec, std::nullopt);
        case MetricType::Prometheus:
            return room_of(std::nullopt, metric.prometheus->target, spec, std::nullopt);
    }
    return std::nullopt;
}

bool is_current(const api::Forecast& forecast, TimePoint now) {
    return forecast.slot + std::chrono::seconds{forecast.slot_seconds} > now;
}

}  // namespace

bool follows_load(const MetricSpec& metric) {
    using api::MetricTargetType::AverageValue;
    switch (metric.type) {
        case MetricType::Resource:
            return metric.resource->name == kCpu;
        case MetricType::ContainerResource:
            return metric.container_resource->name == kCpu;
        case MetricType::Pods:
            return true;
        case MetricType::Object:
            return metric.object->target.type == AverageValue;
        case MetricType::External:
            return metric.external->target.type == AverageValue;
        case MetricType::Prometheus:
            return metric.prometheus->target.type == AverageValue;
    }
    return false;
}

const MetricSpec* predicted_metric(const api::ScalingPolicySpec& spec) {
    const auto found = std::ranges::find_if(spec.metrics, follows_load);
    return found == spec.metrics.end() ? nullptr : &*found;
}

std::optional<std::int32_t> predicted_replicas(const api::ScalingPolicySpec& spec,
                                               const api::Observation& seen) {
    if (!spec.prediction || !seen.forecast) return std::nullopt;
    const api::Forecast& forecast = *seen.forecast;
    const bool is_usable =
        forecast.state == api::PredictionState::Trusted && is_current(forecast, seen.now);
    const MetricSpec* metric = predicted_metric(spec);
    if (!is_usable || metric == nullptr) return std::nullopt;
    const auto room = room_of(*metric, spec, seen);
    if (!room || room->whole < 1 || room->milli < 1) return std::nullopt;
    const std::int64_t load = scaling::capped_product(forecast.bound.milli(), 1000);
    return scaling::scaled_up(1, load, scaling::capped_product(room->whole, room->milli),
                              scaling::Rounding::Exact);
}

std::string floor_text(const api::Forecast& forecast, std::int32_t replicas) {
    return fmt::format("a load of at most {} is expected at {}: {}", to_string(forecast.bound),
                       format_rfc3339(forecast.slot).substr(11, 5), scaling::pods_text(replicas));
}

}  // namespace chatflow::prediction
