#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace chatflow::simulation {

/// What stands in for the cluster. Amounts are thousandths of the load's unit (milli-CPU).
struct Settings {
    std::int64_t request = 200;          // of one pod
    std::optional<std::int64_t> limit;   // what one pod can do at most; default its request
    std::chrono::seconds pod_start{20};  // from the decision to Ready
    std::chrono::seconds metric_lag{15};
    std::chrono::seconds metric_window{30};  // over which usage is averaged
    std::optional<std::int32_t> initial_replicas;
    std::chrono::seconds warm_up{0};  // at the beginning: played, but not counted
    /// Above this part of what the ready pods request, there are too few of them.
    std::int32_t full_percent = 70;

    [[nodiscard]] std::int64_t limit_or_request() const { return limit.value_or(request); }
};

// A window that is averaged is kept per second.
inline constexpr std::chrono::seconds kDelayMax{3600};

}  // namespace chatflow::simulation
