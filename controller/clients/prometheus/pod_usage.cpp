#include "controller/clients/prometheus/pod_usage.hpp"

#include "controller/clients/prometheus/instant_vector.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <unordered_map>

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

/// What a counter of seconds grew by over the window, by its samples' own times. Not rate(), which
/// takes a window that is half empty, as after a restart of Prometheus, for half the usage: here a
/// container without a sample from before the window has no usage yet.
std::string cores_over(const std::string& series, std::int32_t window_seconds) {
    return fmt::format(
        "({0} - {0} offset {1}s) / (timestamp({0}) - timestamp({0} offset {1}s)) >= 0", series,
        window_seconds);
}

}  // namespace

std::optional<Resource> resource_named(std::string_view name) {
    if (name == "cpu") return Resource::Cpu;
    if (name == "memory") return Resource::Memory;
    return std::nullopt;
}

TimePoint measured_at(TimePoint told, TimePoint evaluated, TimePoint answered_at) {
    return told - std::max(evaluated - answered_at, TimePoint::duration::zero());
}

std::vector<ContainerSample> UsageSnapshot::find(const api::ObjectKey& pod) const {
    const std::string name = to_string(pod);
    const auto of_pod = std::ranges::equal_range(rows_, std::string_view(name), {},
                                                 [this](const Row& row) { return name_of(row); });
    std::vector<ContainerSample> samples;
    samples.reserve(of_pod.size());
    for (const Row& row : of_pod) {
        samples.push_back({containers_[row.container], row.usage, row.at});
    }
    return samples;
}

std::expected<UsageSnapshot, api::MetricError> UsageSnapshot::parse(std::string_view body,
                                                                    TimePoint answered_at) {
    UsageSnapshot snapshot;
    std::unordered_map<std::string, std::vector<ContainerSample>> pods;
    const auto sample_of = [&pods](const VectorSample& seen) -> ContainerSample& {
        auto& containers = pods[to_string(api::ObjectKey{seen.labels[0], seen.labels[1]})];
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
            const TimePoint told{
                std::chrono::microseconds{static_cast<std::int64_t>(seen.value * 1e6)}};
            sample_of(seen).at = measured_at(told, seen.at, answered_at);
        } else {
            sample_of(seen).usage = to_quantity(seen.value);
        }
    });
    if (!read) return std::unexpected(read.error());
    for (const auto& [name, containers] : pods) {
        for (const ContainerSample& sample : containers) {
            if (sample.usage != kNoUsage) snapshot.append(name, sample);
        }
    }
    std::ranges::stable_sort(snapshot.rows_, {},
                             [&snapshot](const Row& row) { return snapshot.name_of(row); });
    return snapshot;
}

void UsageSnapshot::add(const UsageSnapshot& other) {
    const auto known = static_cast<std::ptrdiff_t>(rows_.size());
    for (const Row& row : other.rows_) {
        append(other.name_of(row), {other.containers_[row.container], row.usage, row.at});
    }
    not_numbers_ += other.not_numbers_;
    // Answers come in the order of their namespaces, so that there is nothing to do as a rule.
    const auto middle = rows_.begin() + known;
    const bool in_order = rows_.begin() == middle || middle == rows_.end() ||
                          name_of(*std::prev(middle)) <= name_of(*middle);
    if (!in_order) {
        std::ranges::inplace_merge(rows_, middle, {},
                                   [this](const Row& row) { return name_of(row); });
    }
}

std::uint32_t UsageSnapshot::container_number(std::string_view name) {
    const auto [known, is_new] =
        numbers_.try_emplace(std::string(name), static_cast<std::uint32_t>(containers_.size()));
    if (is_new) containers_.emplace_back(name);
    return known->second;
}

void UsageSnapshot::append(std::string_view pod, const ContainerSample& sample) {
    // The next container of the same pod, as a rule directly behind it, shares its name.
    const bool is_same = !rows_.empty() && name_of(rows_.back()) == pod;
    const auto at = is_same ? rows_.back().name_at : static_cast<std::uint32_t>(names_.size());
    if (!is_same) names_.append(pod);
    rows_.push_back({at, static_cast<std::uint32_t>(pod.size()), container_number(sample.container),
                     sample.usage, sample.at});
}

std::string usage_query(Resource resource, const std::set<std::string>& namespaces,
                        std::int32_t window_seconds) {
    std::string selector = R"(container!="",container!="POD")";
    if (namespaces.size() <= kNamespacesInQueryMax) {
        selector += fmt::format(R"(,namespace=~"{}")", fmt::join(namespaces, "|"));
    }
    const std::string series = fmt::format("{}{{{}}}", series_of(resource), selector);
    const std::string usage =
        resource == Resource::Cpu ? cores_over(series, window_seconds) : series;
    constexpr std::string_view by = "by (namespace, pod, container)";
    return fmt::format(R"(label_replace(sum {} ({}), "chatflow", "usage", "", ""))"
                       R"( or label_replace(max {} (timestamp({})), "chatflow", "time", "", ""))",
                       by, usage, by, series);
}

}  // namespace chatflow::prom
