#pragma once

#include "controller/api/boxed.hpp"
#include "controller/api/quantity.hpp"
#include "controller/api/scaling_controls.hpp"
#include "controller/api/scaling_drain.hpp"
#include "controller/api/scaling_prediction.hpp"
#include "libs/base/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chatflow::api {

// A case is all that a decision depends on; a decision is all that follows from it. Both are public
// JSON: in the status, in `kubectl chatflow explain`, on the command line of `decide`.

enum class PodPhase { Pending, Running, Succeeded, Failed, Unknown };
enum class ReadyStatus { True, False, Unknown, Absent };

struct CaseContainer {
    std::string name;
    std::map<std::string, Quantity> requests;  // resource name → amount
    bool operator==(const CaseContainer&) const = default;
};

struct CasePod {
    std::string name;
    PodPhase phase = PodPhase::Running;
    ReadyStatus ready = ReadyStatus::True;
    std::optional<TimePoint> ready_transition_time;
    std::optional<TimePoint> start_time;
    std::optional<TimePoint> deletion_timestamp;
    std::map<std::string, Quantity> requests;  // of the pod as a whole, where set
    std::vector<CaseContainer> containers;     // restartable init containers included
    bool operator==(const CasePod&) const = default;
};

struct ContainerUsage {
    std::string name;
    Quantity usage;
    bool operator==(const ContainerUsage&) const = default;
};

/// A pod's sample: usage per container (Resource metrics) or one value (Pods metrics).
struct PodSample {
    std::string pod;
    std::vector<ContainerUsage> containers;
    std::optional<Quantity> value;
    std::optional<TimePoint> timestamp;  // the end of the window
    std::optional<std::int32_t> window_seconds;
    bool operator==(const PodSample&) const = default;
};

struct PodSamples {
    std::vector<PodSample> pods;
    bool operator==(const PodSamples&) const = default;
};

/// Object, External and Prometheus metrics; several are summed.
struct MetricValues {
    std::vector<Quantity> values;
    std::optional<TimePoint> timestamp;
    bool operator==(const MetricValues&) const = default;
};

struct MetricError {
    std::string reason;  // CamelCase: QueryFailed, EmptyResult, StaleSample, NotANumber
    std::string message;
    bool operator==(const MetricError&) const = default;
};

/// What was read for one entry of spec.metrics.
using MetricReading = std::variant<PodSamples, MetricValues, MetricError>;

struct Recommendation {
    TimePoint at;
    std::int32_t replicas = 0;
    bool operator==(const Recommendation&) const = default;
};

/// `change` is positive in both lists.
struct ScaleEvent {
    TimePoint at;
    std::int32_t change = 0;
    bool operator==(const ScaleEvent&) const = default;
};

enum class ScaleDirection { Up, Down };

/// The replicas began to move the other way.
struct DirectionChange {
    TimePoint at;
    ScaleDirection to = ScaleDirection::Up;
    bool operator==(const DirectionChange&) const = default;
};

/// What a decision has to know of the past; kept in the status, so that a new leader goes on where
/// the old one stopped.
struct ScalingHistory {
    std::vector<Recommendation> recommendations;
    std::vector<ScaleEvent> scale_up_events;
    std::vector<ScaleEvent> scale_down_events;
    std::optional<ScaleDirection> direction;         // of the last change
    std::vector<DirectionChange> direction_changes;  // within the flap budget's period
    std::optional<TimePoint> idle_since;     // every metric of the whole target; with minReplicas 0
    std::optional<TimePoint> zeroed_at;      // this policy set 0 replicas, and they still are
    std::optional<TimePoint> rebalanced_at;  // the request that was carried out last
    std::optional<TimePoint> drained_at;     // a batch of spec.drain went last
    bool operator==(const ScalingHistory&) const = default;
};

struct CaseReplicas {
    std::int32_t spec = 0;
    std::int32_t status = 0;
    bool operator==(const CaseReplicas&) const = default;
};

/// The inputs of a decision besides the spec.
struct Observation {
    TimePoint now{};
    CaseReplicas replicas;
    std::vector<CasePod> pods;
    std::vector<MetricReading> metrics;  // one per entry of spec.metrics, in order
    ScalingHistory history;
    std::optional<std::int32_t> proposal;  // given: skip the metrics
    /// Since when metrics have been missing without a break, for onMissingMetrics.maxHoldSeconds.
    std::optional<TimePoint> metrics_missing_since;
    std::optional<NamespaceFreeze> freeze;
    Boxed<Forecast> forecast;
    std::vector<DrainingPod> draining;  // with spec.drain
    bool operator==(const Observation&) const = default;
};

enum class MetricVerdict { ScaleUp, ScaleDown, Hold, NoData };

struct MetricOutcome {
    std::string name;
    std::optional<Quantity> value;  // average over pods, or the metric's value
    std::optional<std::int32_t> utilization_percent;
    std::optional<std::int32_t> age_seconds;
    std::optional<std::int32_t> proposal;
    std::optional<bool> active;  // above its activation threshold; with minReplicas 0
    MetricVerdict verdict = MetricVerdict::Hold;
    std::string reason;  // CamelCase: why there is no data (EmptyResult, NoPods), or AwaitingPods
    std::string message;
    bool operator==(const MetricOutcome&) const = default;
};

/// Why the count is what it is; one word for columns, events and metrics.
enum class DecisionReason {
    AboveThreshold,     // scaled up
    PredictedLoad,      // scaled up, or kept, for a load that is expected
    BelowThreshold,     // scaled down
    WithinBand,         // nothing to do
    AwaitingPods,       // above the band, but pods not measured yet may carry the difference
    Stabilizing,        // a change is held back by the stabilization window
    RateLimited,        // a change is cut by a policy of behavior
    AtMinimum,          // cut at minReplicas
    AtMaximum,          // cut at maxReplicas
    OutsideBounds,      // replicas were below minReplicas or above maxReplicas: set to the bound
    MetricUnavailable,  // no data: hold
    FallbackReplicas,   // no data for longer than maxHoldSeconds
    ScalingDisabled,    // the target has 0 replicas by someone's hand
    InvalidRequests,    // a container has no request for the resource
    Frozen,             // chatflow.dev/freeze on the namespace
    Overridden,         // spec.override
    Paused,             // spec.pause
    FlapBudgetSpent,    // a scale-down waits until it may turn again
    Draining,           // a scale-down waits for connections to end
    GracePeriod,        // idle, but not long enough for 0 replicas
    ScaledToZero        // idle for long enough, at 0 replicas
};

enum class LimitedBy {
    None,
    ScaleUpStabilization,
    ScaleDownStabilization,
    ScaleUpPolicy,
    ScaleDownPolicy,
    MinReplicas,
    MaxReplicas,
    MissingMetrics,
    Freeze,
    Override,
    Pause,
    FlapBudget,
    GracePeriod,
    Drain
};

struct Decision {
    std::int32_t replicas = 0;
    /// What the metrics asked for, before stabilization, policies and bounds.
    std::int32_t uncapped = 0;
    DecisionReason reason = DecisionReason::WithinBand;
    std::string message;
    LimitedBy limited_by = LimitedBy::None;
    std::vector<MetricOutcome> metrics;
    /// What the forecast asks for, where it is trusted; in mode Observe nobody follows it.
    std::optional<std::int32_t> predicted;
    std::vector<ActiveControl> controls;
    std::optional<ReplicaBounds> bounds;  // where a schedule sets others than the spec
    std::vector<std::string> victims;     // pods that have to drain; no other has to
    /// Set when no decision was possible (as HPA's error): replicas is then the present count.
    std::optional<std::string> error;
    bool operator==(const Decision&) const = default;
};

/// A decision with all that is needed to recompute it but the spec, which the object holds:
/// `generation` says which one. Targets of more than kRecordedPodsMax pods keep the decision alone.
struct DecisionRecord {
    std::int64_t generation = 0;
    Observation observation;
    Decision decision;
    bool pods_omitted = false;
    bool operator==(const DecisionRecord&) const = default;
};

inline constexpr std::size_t kRecordedPodsMax = 100;

/// A change of replicas, with what is needed to recompute it from what the metrics asked for: a
/// case with the proposal `uncapped`.
struct ScaleChange {
    TimePoint at{};
    std::int64_t generation = 0;  // of the spec that it was made by
    std::int32_t from = 0;
    std::int32_t to = 0;
    std::int32_t uncapped = 0;
    DecisionReason reason = DecisionReason::WithinBand;
    LimitedBy limited_by = LimitedBy::None;
    std::string message;
    ScalingHistory history;  // before the change
    bool operator==(const ScaleChange&) const = default;
};

inline constexpr std::size_t kChangesMax = 10;

}  // namespace chatflow::api
