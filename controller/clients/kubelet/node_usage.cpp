#include "controller/clients/kubelet/node_usage.hpp"

#include "controller/clients/kubelet/resource_metrics.hpp"

#include <algorithm>
#include <cmath>

namespace chatflow::kubelet {
namespace {

constexpr std::string_view kCpu = "container_cpu_usage_seconds_total";
constexpr std::string_view kMemory = "container_memory_working_set_bytes";

api::Quantity to_quantity(double value) {
    return api::Quantity::from_milli(static_cast<std::int64_t>(std::ceil(value * 1000)));
}

void set(std::vector<prom::ContainerSample>& samples, std::string_view container,
         api::Quantity usage, TimePoint at) {
    const auto known = std::ranges::find(samples, container, &prom::ContainerSample::container);
    if (known == samples.end()) {
        samples.push_back({std::string(container), usage, at});
    } else {
        *known = {std::string(container), usage, at};
    }
}

}  // namespace

void NodeUsage::take(std::string_view page) {
    for (auto& [key, pod] : pods_) {
        pod.memory.clear();
        for (auto& [container, counter] : pod.counters) counter.is_present = false;
    }
    read_resource_metrics(page, [this](const ResourceSample& sample) {
        Pod& pod = pods_[{std::string(sample.name_space), std::string(sample.pod)}];
        if (sample.metric == kCpu) {
            take_cpu(pod, sample.container, sample.value, sample.at);
        } else if (sample.metric == kMemory) {
            set(pod.memory, sample.container, to_quantity(sample.value), sample.at);
        }
    });
    for (auto& [key, pod] : pods_) {
        std::erase_if(pod.counters, [](const auto& entry) { return !entry.second.is_present; });
        std::erase_if(pod.cpu, [&pod](const prom::ContainerSample& sample) {
            return !pod.counters.contains(sample.container);
        });
    }
    std::erase_if(pods_, [](const auto& entry) {
        return entry.second.counters.empty() && entry.second.memory.empty();
    });
}

void NodeUsage::take_cpu(Pod& pod, std::string_view container, double seconds, TimePoint at) {
    const auto known = pod.counters.find(container);
    if (known == pod.counters.end()) {
        pod.counters.emplace(std::string(container), Counter{seconds, at, true});
        return;
    }
    Counter& last = known->second;
    last.is_present = true;
    if (at < last.at + kApartLeast && at >= last.at) return;
    const bool goes_on = at > last.at && seconds >= last.seconds;
    if (goes_on) {
        const std::chrono::duration<double> between = at - last.at;
        set(pod.cpu, container, to_quantity((seconds - last.seconds) / between.count()), at);
    } else {
        // Restarted, or the node's clock was set back: what was known says nothing any more.
        std::erase_if(pod.cpu, [container](const prom::ContainerSample& sample) {
            return sample.container == container;
        });
    }
    last = {seconds, at, true};
}

const std::vector<prom::ContainerSample>* NodeUsage::find(prom::Resource resource,
                                                          const api::ObjectKey& pod) const {
    const auto found = pods_.find(pod);
    if (found == pods_.end()) return nullptr;
    const auto& samples =
        resource == prom::Resource::Cpu ? found->second.cpu : found->second.memory;
    return samples.empty() ? nullptr : &samples;
}

}  // namespace chatflow::kubelet
