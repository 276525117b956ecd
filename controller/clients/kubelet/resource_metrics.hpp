#pragma once

#include "libs/base/time.hpp"

#include <functional>
#include <string_view>

namespace chatflow::kubelet {

/// One line of a container in a kubelet's /metrics/resource. The views live as long as the visitor
/// runs.
struct ResourceSample {
    std::string_view metric;  // container_cpu_usage_seconds_total, container_memory_…
    std::string_view name_space;
    std::string_view pod;
    std::string_view container;
    double value = 0;  // finite
    TimePoint at;      // when it was measured, by the node's clock
};

/// Visits the samples of containers, in the page's order. Lines that cannot be read, that have no
/// time or no finite value are left out: they are no data. Never throws of itself.
void read_resource_metrics(std::string_view page,
                           const std::function<void(const ResourceSample&)>& visit);

}  // namespace chatflow::kubelet
