#pragma once

#include "controller/api/object_meta.hpp"
#include "controller/clients/prometheus/pod_usage.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::kubelet {

/// What the containers of one node use, by the pages of its kubelet. Memory is the newest sample;
/// cpu is the rate between the two newest samples of the counter, so that it needs two pages, and
/// a container that restarted has none until it was measured twice again. Pure.
class NodeUsage {
 public:
    /// The newest page. What it does not name any more is gone.
    void take(std::string_view page);

    /// Null when there is no sample of the pod; then it is not measured, and not idle.
    [[nodiscard]] const std::vector<prom::ContainerSample>* find(prom::Resource resource,
                                                                 const api::ObjectKey& pod) const;

    /// Samples of a counter that are closer than this are one: a rate between them is noise.
    static constexpr std::chrono::milliseconds kApartLeast{500};

 private:
    struct Counter {
        double seconds = 0;
        TimePoint at;
        bool is_present = false;
    };
    struct Pod {
        std::vector<prom::ContainerSample> cpu;
        std::vector<prom::ContainerSample> memory;
        std::map<std::string, Counter, std::less<>> counters;  // by container
    };

    void take_cpu(Pod& pod, std::string_view container, double seconds, TimePoint at);

    std::map<api::ObjectKey, Pod> pods_;
};

}  // namespace chatflow::kubelet
