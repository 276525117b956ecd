#include "controller/reconcilers/scaling/direct_usage.hpp"

#include "libs/async/side_by_side.hpp"
#include "libs/async/task_group.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace chatflow {
namespace {

/// Kubelets measure every few seconds; the rate spans at least that.
std::int32_t window_of(std::chrono::milliseconds freshness) {
    return static_cast<std::int32_t>(
        std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(freshness).count()));
}

void add_sample(api::PodSamples& samples, const api::Pod& pod,
                const std::vector<prom::ContainerSample>& containers, std::int32_t window) {
    api::PodSample sample{.pod = pod.metadata.name, .window_seconds = window};
    for (const prom::ContainerSample& container : containers) {
        sample.containers.push_back({container.container, container.usage});
        // A pod is as fresh as the oldest of its containers' samples.
        if (!sample.timestamp || container.at < *sample.timestamp) sample.timestamp = container.at;
    }
    samples.pods.push_back(std::move(sample));
}

/// One missed answer is no outage: the next page is due as ever. Then twice as long each time.
std::chrono::milliseconds pause_after(std::size_t failures, std::chrono::milliseconds freshness) {
    if (failures < 2) return freshness;
    constexpr std::size_t kDoublingsMax = 10;
    return std::min<std::chrono::milliseconds>(
        DirectUsage::kFailedFor, freshness * (1 << std::min(failures - 1, kDoublingsMax)));
}

}  // namespace

awaitable<api::MetricReading> DirectUsage::read(prom::Resource resource, Pods pods,
                                                std::chrono::milliseconds freshness,
                                                Deadline deadline) {
    if (++reads_ % kSweepPeriod == 0) forget_unused(std::chrono::steady_clock::now());
    std::set<std::string> names;
    for (const auto& pod : pods) {
        if (!pod->node_name->empty()) names.insert(*pod->node_name);
    }
    std::map<std::string, std::shared_ptr<Node>> nodes;
    std::vector<awaitable<void>> questions;
    for (const std::string& name : names) {
        auto& place = nodes_[name];
        if (!place) place = std::make_shared<Node>(executor_);
        nodes[name] = place;
        questions.push_back(refresh(name, place, freshness, deadline));
    }
    co_await side_by_side(std::move(questions), kNodesAtOnce);

    std::string failure;
    for (const auto& [name, node] : nodes) {
        if (!node->failure.empty()) failure = node->failure;
    }
    api::PodSamples samples;
    for (const auto& pod : pods) {
        const auto node = nodes.find(*pod->node_name);
        if (node == nodes.end()) continue;
        const auto* containers = node->second->usage.find(resource, key_of(pod->metadata));
        if (containers) add_sample(samples, *pod, *containers, window_of(freshness));
    }
    if (!samples.pods.empty() || pods.empty()) co_return samples;
    if (!failure.empty()) co_return api::MetricError{"SourceUnreachable", failure};
    co_return api::MetricError{
        "EmptyResult",
        fmt::format("the kubelets have measured none of the {} pods twice yet", pods.size())};
}

awaitable<void> DirectUsage::refresh(std::string name, std::shared_ptr<Node> node,
                                     std::chrono::milliseconds freshness, Deadline deadline) {
    const auto is_fresh = [&] {
        const auto age = std::chrono::steady_clock::now() - node->read_at;
        return age < pause_after(node->failures, freshness);
    };
    node->used_at = std::chrono::steady_clock::now();
    while (node->is_reading) co_await node->done.wait();
    if (is_fresh()) co_return;

    // Whatever ends this coroutine, those who wait for it go on.
    struct Reading {
        Node& node;
        explicit Reading(Node& node_) : node(node_) { node.is_reading = true; }
        ~Reading() {
            node.is_reading = false;
            node.done.notify_all();
        }
    } reading(*node);
    std::string failure;
    std::string page;
    try {
        page = co_await kube_.raw_text(fmt::format("/api/v1/nodes/{}/proxy/metrics/resource", name),
                                       deadline.but_within(kAnswerTimeMax));
    } catch (const std::exception& error) {
        if (is_cancellation(std::current_exception())) throw;
        failure = fmt::format("the kubelet of node {} gave no metrics: {}", name, error.what());
    }
    if (failure.empty()) node->usage.take(page);
    node->failures = failure.empty() ? 0 : node->failures + 1;
    node->failure = std::move(failure);
    node->read_at = std::chrono::steady_clock::now();
}

void DirectUsage::forget_unused(Moment now) {
    std::erase_if(nodes_, [now](const auto& entry) {
        return !entry.second->is_reading && now - entry.second->used_at > kUnusedFor;
    });
}

}  // namespace chatflow
