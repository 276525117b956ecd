#include "controller/clients/kubelet/resource_metrics.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

namespace chatflow::kubelet {
namespace {

/// Takes what comes before `end` off the front of `text`, and `end` itself.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
    const auto at = text.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const auto taken = text.substr(0, at);
    text.remove_prefix(at + 1);
    return taken;
}

/// The labels of these metrics are Kubernetes' names, in which nothing is ever escaped.
bool take_labels(std::string_view& text, ResourceSample& sample) {
    while (!text.starts_with('}')) {
        const auto name = take_until(text, '=');
        if (!name || !text.starts_with('"')) return false;
        text.remove_prefix(1);
        const auto value = take_until(text, '"');
        if (!value) return false;
        if (*name == "namespace") sample.name_space = *value;
        if (*name == "pod") sample.pod = *value;
        if (*name == "container") sample.container = *value;
        if (text.starts_with(',')) text.remove_prefix(1);
    }
    text.remove_prefix(1);
    return true;
}

template <class N>
std::optional<N> take_number(std::string_view& text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    N number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

std::optional<ResourceSample> read_line(std::string_view line) {
    ResourceSample sample;
    if (!line.starts_with("container_")) return std::nullopt;
    const auto metric = take_until(line, '{');
    if (!metric || !take_labels(line, sample)) return std::nullopt;
    const auto value = take_number<double>(line);
    const auto milliseconds = take_number<std::int64_t>(line);
    if (!value || !std::isfinite(*value) || !milliseconds) return std::nullopt;
    if (sample.pod.empty() || sample.container.empty()) return std::nullopt;
    sample.metric = *metric;
    sample.value = *value;
    sample.at = TimePoint{std::chrono::milliseconds{*milliseconds}};
    return sample;
}

}  // namespace

void read_resource_metrics(std::string_view page,
                           const std::function<void(const ResourceSample&)>& visit) {
    while (!page.empty()) {
        const auto end = page.find('\n');
        if (const auto sample = read_line(page.substr(0, end))) visit(*sample);
        page.remove_prefix(end == std::string_view::npos ? page.size() : end + 1);
    }
}

}  // namespace chatflow::kubelet
