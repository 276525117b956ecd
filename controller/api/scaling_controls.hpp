#pragma once

#include "libs/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::api {

// What a person tells a policy beside its metrics. Each ends by itself.

/// Other bounds from each moment of `start` to the next one of `end`. Of schedules that overlap,
/// the later in the list wins, for each bound that it sets.
struct ScalingSchedule {
    std::string name;
    std::string start;  // crontab
    std::string end;
    std::string time_zone = "UTC";  // IANA
    std::optional<std::int32_t> min_replicas;
    std::optional<std::int32_t> max_replicas;
    bool operator==(const ScalingSchedule&) const = default;
};

/// So many pods, whatever metrics, windows and rates say.
struct ScalingOverride {
    std::int32_t replicas = 0;
    std::string reason;
    TimePoint until{};
    bool operator==(const ScalingOverride&) const = default;
};

/// No change in the directions named.
struct ScalingPause {
    bool scale_up = false;
    bool scale_down = false;
    std::string reason;
    TimePoint until{};
    bool operator==(const ScalingPause&) const = default;
};

/// How often replicas may turn from growing to shrinking or back. When it is spent, a scale-down
/// that would be a further turn waits; a scale-up never does.
struct FlapBudget {
    std::int32_t max_direction_changes = 4;
    std::int32_t period_seconds = 3600;
    bool operator==(const FlapBudget&) const = default;
};

/// With minReplicas 0: the last pod goes when every metric of the whole target has been at or below
/// its activationThreshold for so long.
struct ScaleToZero {
    std::int32_t grace_period_seconds = 300;
    bool operator==(const ScaleToZero&) const = default;
};

/// Once, at or after this time: replicas that meet the aim, even inside the band. Ends when they
/// are reached, or kRebalanceSeconds after it was requested.
struct RebalanceRequest {
    TimePoint requested_at{};
    bool operator==(const RebalanceRequest&) const = default;
};

inline constexpr std::int32_t kRebalanceSeconds = 3600;

/// `chatflow.dev/freeze` on the namespace: its value, and the end where chatflow.dev/freeze-until
/// names one.
struct NamespaceFreeze {
    std::string reason;
    std::optional<TimePoint> until;
    bool operator==(const NamespaceFreeze&) const = default;
};

enum class ControlType { Freeze, Override, PauseScaleUp, PauseScaleDown, Schedule, Rebalance };

/// A control that was in force when a decision was made; the strongest come first.
struct ActiveControl {
    ControlType type = ControlType::Freeze;
    std::string name;                // of a schedule
    std::string reason;              // as the person gave it
    std::optional<TimePoint> until;  // nothing: until somebody ends it
    bool operator==(const ActiveControl&) const = default;
};

struct ReplicaBounds {
    std::int32_t min = 0;
    std::int32_t max = 0;
    bool operator==(const ReplicaBounds&) const = default;
};

}  // namespace chatflow::api
