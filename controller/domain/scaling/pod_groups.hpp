#pragma once

#include "controller/api/scaling_decision.hpp"
#include "libs/base/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::scaling {

/// What to look for in a pod and its sample.
struct PodRules {
    /// The resource of a Resource or ContainerResource metric; null for a Pods metric, which has
    /// no requests.
    const std::string* resource = nullptr;
    /// One container's usage and request alone; null for the whole pod.
    const std::string* container = nullptr;
    /// Whether requests are needed: not for an AverageValue target.
    bool with_requests = false;
    /// What a pod without a sample is taken to use on the way down, in percent of its request.
    std::int32_t missing_percent = 100;
    std::chrono::seconds cpu_initialization_period{300};
    std::chrono::seconds initial_readiness_delay{30};
    /// Older samples are no samples.
    std::optional<std::chrono::seconds> max_age = std::nullopt;
    /// A sample that lacks one of the pod's containers is no sample.
    bool whole_pods = false;
    /// HPA counts samples of pods that it does not know.
    bool count_strangers = false;
};

/// How the pods of a target count for one metric. Amounts are sums of milli-values, so that no list
/// of pods is built.
struct PodGroups {
    std::int32_t ready = 0;      // with a sample that counts
    std::int32_t unready = 0;    // Pending; for cpu also not ready, or measured before it was
    std::int32_t missing = 0;    // no sample, a stale one, or a part of one
    std::int32_t stale = 0;      // of the missing ones
    std::int32_t ignored = 0;    // Failed or being deleted
    std::int32_t strangers = 0;  // samples without a pod

    std::int64_t usage = 0;     // of the ready
    std::int64_t requests = 0;  // of the ready
    std::int64_t unready_requests = 0;
    std::int64_t missing_requests = 0;
    std::int64_t missing_usage = 0;  // at missing_percent of their requests
    std::int64_t strangers_usage = 0;

    std::optional<TimePoint> oldest_sample;  // of the ready
    /// The first by name that has no request for the resource.
    const api::CasePod* without_request = nullptr;

    /// The first by name whose sample lacks the one container asked for.
    const api::PodSample* without_container = nullptr;

    bool operator==(const PodGroups&) const = default;
};

[[nodiscard]] PodGroups group_pods(const std::vector<api::CasePod>& pods,
                                   const api::PodSamples& samples, const PodRules& rules,
                                   TimePoint now);

/// Running and Ready: what Value metrics count.
[[nodiscard]] std::int32_t count_ready(const std::vector<api::CasePod>& pods);

}  // namespace chatflow::scaling
