#include "controller/domain/scaling/metric_evaluation.hpp"

#include "controller/domain/scaling/pod_evaluation.hpp"
#include "controller/domain/scaling/value_evaluation.hpp"

#include <utility>
#include <variant>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::MetricOutcome;

const api::UtilizationBand* pointer_to(const std::optional<api::UtilizationBand>& band) {
    return band ? &*band : nullptr;
}

const api::MetricTarget* pointer_to(const std::optional<api::MetricTarget>& target) {
    return target ? &*target : nullptr;
}

MetricOutcome evaluate(const api::MetricSpec& metric, const MetricContext& context) {
    std::string name = metric_name(metric);
    const std::int32_t max_age = context.spec.max_age_seconds;
    if (metric.resource) {
        const api::ResourceMetric& own = *metric.resource;
        return evaluate_pods(std::move(name),
                             {&own.name, nullptr, pointer_to(own.band), pointer_to(own.target)},
                             context);
    }
    if (metric.container_resource) {
        const api::ContainerResourceMetric& own = *metric.container_resource;
        return evaluate_pods(
            std::move(name),
            {&own.name, &own.container, pointer_to(own.band), pointer_to(own.target)}, context);
    }
    if (metric.pods) {
        return evaluate_pods(std::move(name), {.target = &metric.pods->target}, context);
    }
    if (metric.object) {
        const api::ObjectMetric& own = *metric.object;
        return evaluate_values(std::move(name),
                               {&own.target, own.activation_threshold, max_age, context.is_ours()},
                               context);
    }
    if (metric.external) {
        const api::ExternalMetric& own = *metric.external;
        return evaluate_values(std::move(name),
                               {&own.target, own.activation_threshold, max_age, context.is_ours()},
                               context);
    }
    if (metric.prometheus) {  // maxAgeSeconds is the metric's own, whatever the compatibility
        const api::PrometheusMetric& own = *metric.prometheus;
        return evaluate_values(std::move(name),
                               {&own.target, own.activation_threshold, own.max_age_seconds, true},
                               context);
    }
    return no_data(std::move(name), kInvalidTarget, "the metric has no source");
}

}  // namespace

MetricOutcome evaluate_metric(const api::ScalingPolicySpec& spec, const api::Observation& seen,
                              const Controls& controls, std::size_t index) {
    const api::MetricSpec& metric = spec.metrics[index];
    if (index >= seen.metrics.size()) {
        std::string name = metric_name(metric);
        std::string message = name + " has no data: it was not read";
        return no_data(std::move(name), kNotRead, std::move(message));
    }
    const api::MetricReading& reading = seen.metrics[index];
    if (const auto* error = std::get_if<api::MetricError>(&reading)) {
        std::string name = metric_name(metric);
        std::string message = fmt::format("{} has no data: {}", name, error->message);
        return no_data(std::move(name), error->reason.empty() ? "QueryFailed" : error->reason,
                       std::move(message));
    }
    return evaluate(metric, {spec, seen, controls, reading});
}

std::string metric_name(const api::MetricSpec& metric) {
    if (metric.resource) {
        return metric.resource->name;
    }
    if (metric.container_resource) {
        return metric.container_resource->container + "/" + metric.container_resource->name;
    }
    if (metric.pods) {
        return metric.pods->metric.name;
    }
    if (metric.object) {
        return metric.object->metric.name;
    }
    if (metric.external) {
        return metric.external->metric.name;
    }
    return metric.prometheus ? metric.prometheus->name : std::string{};
}

}  // namespace chatflow::scaling
