#pragma once

#include "libs/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::api {

// Scale-down of workloads with long connections: pods with few connections go first, and only when
// these have ended, or have had their time.

/// What each pod that is to go is asked by POST: to let nobody new in.
struct DrainEndpoint {
    std::int32_t port = 0;
    std::string path = "/drain";  // may have a query
    bool operator==(const DrainEndpoint&) const = default;
};

struct DrainSpec {
    std::string query;              // PromQL: connections, one series for each pod
    std::string pod_label = "pod";  // of those series
    std::int32_t max_age_seconds = 60;
    std::optional<DrainEndpoint> endpoint;
    std::int32_t empty_at = 0;  // connections: with as many or fewer a pod may go
    std::int32_t timeout_seconds = 600;
    std::int32_t batch_pods = 1;
    std::int32_t batch_pause_seconds = 30;
    bool operator==(const DrainSpec&) const = default;
};

/// What a decision knows of one pod's connections.
struct DrainingPod {
    std::string pod;
    std::optional<std::int64_t> connections;  // nothing: not measured
    std::optional<TimePoint> since;           // it was told to drain; nothing: it was not
    bool operator==(const DrainingPod&) const = default;
};

}  // namespace chatflow::api
