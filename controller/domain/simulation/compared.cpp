#include "controller/domain/prediction/floor.hpp"
#include "controller/domain/simulation/simulate.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace chatflow::simulation {
namespace {

using api::MetricSpec;
using api::MetricType;

std::string name_of(const MetricSpec& metric) {
    switch (metric.type) {
        case MetricType::Resource:
            return metric.resource->name;
        case MetricType::ContainerResource:
            return metric.container_resource->name;
        case MetricType::Pods:
            return metric.pods->metric.name;
        case MetricType::Object:
            return metric.object->metric.name;
        case MetricType::External:
            return metric.external->metric.name;
        case MetricType::Prometheus:
            return metric.prometheus->name;
    }
    return "";
}

std::string names_of(const std::vector<MetricSpec>& metrics) {
    std::string names;
    for (const MetricSpec& metric : metrics) {
        fmt::format_to(std::back_inserter(names), "{}{}", names.empty() ? "" : ", ",
                       name_of(metric));
    }
    return names.empty() ? "none" : names;
}

}  // namespace

std::expected<api::ScalingPolicySpec, std::string> with_one_metric(api::ScalingPolicySpec spec,
                                                                   std::string_view metric) {
    const auto fits = [&](const MetricSpec& candidate) {
        return metric.empty() ? prediction::follows_load(candidate) : name_of(candidate) == metric;
    };
    const auto found = std::ranges::find_if(spec.metrics, fits);
    if (found == spec.metrics.end() && !metric.empty()) {
        return std::unexpected(
            fmt::format("spec.metrics has no {}; it has: {}", metric, names_of(spec.metrics)));
    }
    if (found == spec.metrics.end() || !prediction::follows_load(*found)) {
        return std::unexpected(fmt::format(
            "no recorded load can drive {}: it needs cpu, a Pods metric, or an Object, External or "
            "Prometheus metric with an AverageValue",
            found == spec.metrics.end() ? names_of(spec.metrics) : name_of(*found)));
    }
    MetricSpec driven = std::move(*found);
    spec.metrics.clear();
    spec.metrics.push_back(std::move(driven));
    return spec;
}

api::ScalingPolicySpec as_hpa(const api::ScalingPolicySpec& spec,
                              std::int32_t utilization_percent) {
    api::ScalingPolicySpec hpa;
    hpa.target_ref = spec.target_ref;
    hpa.min_replicas = std::max(1, spec.min_replicas);
    hpa.max_replicas = spec.max_replicas;
    hpa.compatibility = api::Compatibility::AutoscalingV2;
    api::MetricTarget target;
    target.average_utilization = utilization_percent;
    hpa.metrics.push_back(
        {.type = MetricType::Resource,
         .resource = api::ResourceMetric{.name = "cpu", .band = std::nullopt, .target = target}});
    return hpa;
}

}  // namespace chatflow::simulation
