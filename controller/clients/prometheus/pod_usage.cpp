#include "controller/clients/prometheus/pod_usage.hpp"

#include "controller/clients/prometheus/instant_vector.hpp"

#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::prom {
namespace {

constexpr std::array<std::string_view, 4> kLabels = {"namespace", "pod", "container", "chatflow"};

// Of a container whose time has come and whose usage has not: what no query yields.
constexpr auto kNoUsage = api::Quantity::from_milli(std::numeric_limits<std::int64_t>::min());

std::string_view series_of(Resource resource) {
    switch (resource) {
        case Resource::Cpu:
            return "container_cpu_usage_seconds_total";
        case Resource::Memory:
            return "container_memory_working_set_bytes";
    }
    return "";
}

api::Quantity to_quantity(double value) {
    return api::Quantity::from_milli(static_cast<std::int64_t>(std::ceil(value * 1000)));
}

}  // namespace

std::optional<Resource> resource_named(std::string_view name) {
    if (name == "cpu") return Resource::Cpu;
    if (name == "memory") return Resource::Memory;
    return std::nullopt;
}

const std::vector<ContainerSample>* UsageSnapshot::find(const api::ObjectKey& pod) const {
    const auto found = pods_.find(pod);
    return found == pods_.end() ? nullptr : &found->second;
}

std::expected<UsageSnapshot, api::MetricError> UsageSnapshot::parse(std::string_view body) {
    UsageSnapshot snapshot;
    const auto sample_of = [&snapshot](const VectorSample& seen) -> ContainerSample& {
        auto& containers = snapshot.pods_[api::ObjectKey{seen.labels[0], seen.labels[1]}];
        for (ContainerSample& known : containers) {
            if (known.container == seen.labels[2]) return known;
        }
        return containers.emplace_back(ContainerSample{seen.labels[2], kNoUsage, {}});
    };
    // Usage and time of a container arrive as two series, in any order.
    const auto read = read_instant_vector(body, kLabels, [&](const VectorSample& seen) {
        if (!std::isfinite(seen.value)) {
            ++snapshot.not_numbers_;
        } else if (seen.labels[3] == "time") {
            sample_of(seen).at =
                TimePoint{std::chrono::microseconds{static_cast<std::int64_t>(seen.value * 1e6)}};
        } else {
            sample_of(seen).usage = to_quantity(seen.value);
        }
    });
    if (!read) return std::unexpected(read.error());
    std::erase_if(snapshot.pods_, [](auto& entry) {
        std::erase_if(entry.second,
                      [](const ContainerSample& one) { return one.usage == kNoUsage; });
        return entry.second.empty();
    });
    return snapshot;
}

std::string usage_query(Resource resource, const std::set<std::string>& namespaces,
                        std::int32_t window_seconds) {
    std::string selector = R"(container!="",container!="POD")";
    if (namespaces.size() <= kNamespacesInQueryMax) {
        selector += fmt::format(R"(,namespace=~"{}")", fmt::join(namespaces, "|"));
    }
    const std::string series = fmt::format("{}{{{}}}", series_of(resource), selector);
    const std::string usage =
        resource == Resource::Cpu ? fmt::format("rate({}[{}s])", series, window_seconds) : series;
    constexpr std::string_view by = "by (namespace, pod, container)";
    return fmt::format(R"(label_replace(sum {} ({}), "chatflow", "usage", "", ""))"
                       R"( or label_replace(max {} (timestamp({})), "chatflow", "time", "", ""))",
                       by, usage, by, series);
}

}  // namespace chatflow::prom
