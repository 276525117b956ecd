#pragma once

#include "controller/api/boxed.hpp"
#include "controller/api/condition.hpp"
#include "controller/api/object_meta.hpp"
#include "controller/api/quantity.hpp"
#include "controller/api/scaling_controls.hpp"
#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_drain.hpp"
#include "controller/api/scaling_prediction.hpp"
#include "controller/api/scaling_simulation.hpp"
#include "libs/base/field_error.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::api {

// spec.metrics and spec.behavior take the shapes of autoscaling/v2; `band` and `Prometheus` are
// ours.

struct TargetRef {
    std::string api_version;
    std::string kind;
    std::string name;
    bool operator==(const TargetRef&) const = default;
};

enum class ScalingMode { Enforce, Observe };

/// Whose behaviour where HPA is known to be wrong: ours, or HPA's to the letter.
enum class Compatibility { Chatflow, AutoscalingV2 };

/// Percent of the requests: nothing happens from scale_down_below to scale_up_above inclusive;
/// outside, the proposal aims at aim_for.
struct UtilizationBand {
    std::int32_t scale_up_above = 70;
    std::int32_t scale_down_below = 30;
    std::int32_t aim_for = 60;
    bool operator==(const UtilizationBand&) const = default;
};

enum class MetricTargetType { Utilization, Value, AverageValue };

struct MetricTarget {
    MetricTargetType type = MetricTargetType::Utilization;
    std::optional<std::int32_t> average_utilization;  // percent of the requests
    std::optional<Quantity> average_value;
    std::optional<Quantity> value;
    bool operator==(const MetricTarget&) const = default;
};

/// Exactly one of band and target is set.
struct ResourceMetric {
    std::string name;  // cpu or memory
    std::optional<UtilizationBand> band;
    std::optional<MetricTarget> target;
    bool operator==(const ResourceMetric&) const = default;
};

struct ContainerResourceMetric {
    std::string name;
    std::string container;
    std::optional<UtilizationBand> band;
    std::optional<MetricTarget> target;
    bool operator==(const ContainerResourceMetric&) const = default;
};

struct LabelSelectorRequirement {
    std::string key;
    std::string op;  // In, NotIn, Exists, DoesNotExist
    std::vector<std::string> values;
    bool operator==(const LabelSelectorRequirement&) const = default;
};

struct LabelSelector {
    std::map<std::string, std::string> match_labels;
    std::vector<LabelSelectorRequirement> match_expressions;
    bool operator==(const LabelSelector&) const = default;
};

struct MetricIdentifier {
    std::string name;
    std::optional<LabelSelector> selector;
    bool operator==(const MetricIdentifier&) const = default;
};

struct PodsMetric {
    MetricIdentifier metric;
    MetricTarget target;
    bool operator==(const PodsMetric&) const = default;
};

/// With minReplicas 0 a metric of the whole target is idle at or below its activation threshold.
struct ObjectMetric {
    TargetRef described_object;
    MetricIdentifier metric;
    MetricTarget target;
    std::optional<Quantity> activation_threshold;
    bool operator==(const ObjectMetric&) const = default;
};

struct ExternalMetric {
    MetricIdentifier metric;
    MetricTarget target;
    std::optional<Quantity> activation_threshold;
    bool operator==(const ExternalMetric&) const = default;
};

/// Another Prometheus than the controller's own.
struct PrometheusServer {
    std::string url;  // "https://prometheus.team-a:9090", with a path where a proxy needs one
    /// A Secret of the policy's namespace: token, or username and password; ca.crt; tls.crt and
    /// tls.key. Each is optional.
    std::optional<std::string> secret_name;
    std::optional<std::string> tls_server_name;
    bool operator==(const PrometheusServer&) const = default;
};

/// An instant query that yields one number (Value, AverageValue).
struct PrometheusMetric {
    std::string name;
    std::string query;
    Boxed<PrometheusServer> server;
    MetricTarget target;
    std::optional<Quantity> activation_threshold;
    std::int32_t max_age_seconds = 60;
    bool operator==(const PrometheusMetric&) const = default;
};

enum class MetricType { Resource, ContainerResource, Pods, Object, External, Prometheus };

/// As in autoscaling/v2: `type` says which one member is set.
struct MetricSpec {
    MetricType type = MetricType::Resource;
    std::optional<ResourceMetric> resource;
    Boxed<ContainerResourceMetric> container_resource;
    Boxed<PodsMetric> pods;
    Boxed<ObjectMetric> object;
    Boxed<ExternalMetric> external;
    Boxed<PrometheusMetric> prometheus;
    bool operator==(const MetricSpec&) const = default;
};

enum class RateType { Pods, Percent };
enum class SelectPolicy { Max, Min, Disabled };

/// One rate limit: at most `value` pods, or percent of the pods, within `period_seconds`.
struct RatePolicy {
    RateType type = RateType::Pods;
    std::int32_t value = 0;
    std::int32_t period_seconds = 0;
    bool operator==(const RatePolicy&) const = default;
};

struct ScalingRules {
    std::optional<std::int32_t> stabilization_window_seconds;
    std::optional<SelectPolicy> select_policy;
    std::vector<RatePolicy> policies;
    std::optional<Quantity> tolerance;  // as in autoscaling/v2 since Kubernetes 1.33
    bool operator==(const ScalingRules&) const = default;
};

struct ScalingBehavior {
    std::optional<ScalingRules> scale_up;
    std::optional<ScalingRules> scale_down;
    bool operator==(const ScalingBehavior&) const = default;
};

/// For targets: no change while 1 - scale_down <= usage/target <= 1 + scale_up. A band needs none.
struct Tolerance {
    Quantity scale_up = Quantity::from_milli(100);
    Quantity scale_down = Quantity::from_milli(100);
    bool operator==(const Tolerance&) const = default;
};

/// Where cpu and memory come from.
enum class ResourceSource { Prometheus, MetricsApi };

enum class MissingMetricsPolicy { Hold, Fallback };

/// What to do without data. Hold keeps the replicas. Fallback holds for max_hold_seconds, then goes
/// to fallback_replicas if that is more than there are: no data never scales down.
struct OnMissingMetrics {
    MissingMetricsPolicy policy = MissingMetricsPolicy::Hold;
    std::int32_t max_hold_seconds = 600;
    std::optional<std::int32_t> fallback_replicas;
    bool operator==(const OnMissingMetrics&) const = default;
};

struct ScalingPolicySpec {
    TargetRef target_ref;
    ScalingMode mode = ScalingMode::Enforce;
    std::int32_t min_replicas = 1;
    std::int32_t max_replicas = 0;
    std::int32_t evaluation_period_seconds = 15;
    std::vector<MetricSpec> metrics;
    ResourceSource resource_source = ResourceSource::Prometheus;
    /// Where a Resource sample is older than this, there is no data for that pod.
    std::int32_t max_age_seconds = 60;
    Tolerance tolerance;
    Compatibility compatibility = Compatibility::Chatflow;
    Boxed<ScalingBehavior> behavior;
    OnMissingMetrics on_missing_metrics;
    ScaleToZero scale_to_zero;
    std::vector<ScalingSchedule> schedules;
    std::optional<ScalingOverride> override_with;
    std::optional<ScalingPause> pause;
    std::optional<FlapBudget> flap_budget;
    std::optional<RebalanceRequest> rebalance;
    Boxed<PredictionSpec> prediction;
    Boxed<DrainSpec> drain;
    std::int32_t cpu_initialization_period_seconds = 300;
    std::int32_t initial_readiness_delay_seconds = 30;
    bool operator==(const ScalingPolicySpec&) const = default;
};

struct ScalingPolicyStatus {
    std::int64_t observed_generation = 0;
    std::int32_t current_replicas = 0;
    std::int32_t desired_replicas = 0;
    ReplicaBounds bounds;                             // in force: the spec's, or a schedule's
    std::string selector;                             // of the target's pods, serialized
    std::optional<std::int32_t> utilization_percent;  // of the first Resource metric
    std::optional<TimePoint> last_scale_time;
    Boxed<DecisionRecord> last_decision;
    std::vector<ScaleChange> changes;  // at most kChangesMax, the oldest first
    ScalingHistory history;
    Boxed<SimulationResult> simulation;  // not the controller's: who simulated attached it
    std::vector<Condition> conditions;
    bool operator==(const ScalingPolicyStatus&) const = default;
};

struct ScalingPolicy {
    ObjectMeta metadata;
    ScalingPolicySpec spec;
    ScalingPolicyStatus status;
    /// Why the spec cannot be used, where an object from the API server is invalid all the same
    /// (stored before a rule existed); `spec` then holds what could be read and is not to be used.
    FieldErrors spec_errors;
    bool operator==(const ScalingPolicy&) const = default;
};

}  // namespace chatflow::api
