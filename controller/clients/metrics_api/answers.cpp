#include "controller/clients/metrics_api/answers.hpp"

#include "controller/api/quantity.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::metrics_api {

using nlohmann::json;

namespace {

const json& member(const json& object, const char* name) {
    static const json kNothing;
    if (!object.is_object()) return kNothing;
    const auto found = object.find(name);
    return found == object.end() ? kNothing : *found;
}

std::string text_of(const json& value) {
    const auto* text = value.get_ptr<const std::string*>();
    return text != nullptr ? *text : std::string{};
}

std::optional<TimePoint> time_of(const json& value) { return parse_rfc3339(text_of(value)); }

std::optional<api::Quantity> quantity_of(const json& value) {
    const auto quantity = api::Quantity::parse(text_of(value));
    return quantity ? std::optional{*quantity} : std::nullopt;
}

const char* name_of(prom::Resource resource) {
    return resource == prom::Resource::Cpu ? "cpu" : "memory";
}

api::MetricError nothing_in(const char* what) {
    return {"EmptyResult", std::string("the metrics API has no value for ") + what};
}

}  // namespace

std::int32_t seconds_of(const std::string& duration) {
    double total = 0;
    const char* at = duration.c_str();
    while (*at != '\0') {
        char* end = nullptr;
        const double number = std::strtod(at, &end);
        if (end == at) return 0;
        const bool is_milli = end[0] == 'm' && end[1] == 's';
        const double unit = is_milli      ? 0.001
                            : *end == 'h' ? 3600
                            : *end == 'm' ? 60
                            : *end == 's' ? 1
                                          : 0;
        if (unit == 0 || !std::isfinite(number) || number < 0) return 0;
        total += number * unit;
        at = end + (is_milli ? 2 : 1);
    }
    constexpr double kMost = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::min(total, kMost));
}

UsageByPod read_pod_metrics(const json& list, prom::Resource resource) {
    UsageByPod pods;
    for (const json& item : member(list, "items")) {
        const std::string name = text_of(member(member(item, "metadata"), "name"));
        const auto at = time_of(member(item, "timestamp"));
        if (name.empty() || !at) continue;
        PodUsage usage{.containers = {},
                       .window_seconds = seconds_of(text_of(member(item, "window")))};
        for (const json& container : member(item, "containers")) {
            const auto amount = quantity_of(member(member(container, "usage"), name_of(resource)));
            if (!amount) continue;
            usage.containers.push_back({text_of(member(container, "name")), *amount, *at});
        }
        if (!usage.containers.empty()) pods[name] = std::move(usage);
    }
    return pods;
}

api::MetricReading read_pod_values(const json& list) {
    api::PodSamples samples;
    for (const json& item : member(list, "items")) {
        api::PodSample sample{.pod = text_of(member(member(item, "describedObject"), "name")),
                              .value = quantity_of(member(item, "value")),
                              .timestamp = time_of(member(item, "timestamp"))};
        if (sample.pod.empty() || !sample.value) continue;
        if (const json& window = member(item, "windowSeconds"); window.is_number_integer()) {
            sample.window_seconds = window.get<std::int32_t>();
        }
        samples.pods.push_back(std::move(sample));
    }
    if (samples.pods.empty()) return nothing_in("any pod");
    return samples;
}

api::MetricReading read_values(const json& list) {
    api::MetricValues values;
    for (const json& item : member(list, "items")) {
        const auto value = quantity_of(member(item, "value"));
        // Without one of its parts the sum would be too small, and pods would go.
        if (!value) return nothing_in("a part of the metric");
        values.values.push_back(*value);
        const auto at = time_of(member(item, "timestamp"));
        if (at && (!values.timestamp || *at < *values.timestamp)) values.timestamp = at;
    }
    if (values.values.empty()) return nothing_in("the metric");
    return values;
}

}  // namespace chatflow::metrics_api
