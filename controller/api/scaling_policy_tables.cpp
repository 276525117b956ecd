#include "controller/api/patterns.hpp"
#include "controller/api/tables.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

namespace chatflow::api::schema {

namespace {

constexpr std::int32_t kReplicasMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kGenerationMax = (std::int64_t{1} << 53) - 1;  // what JSON keeps exact
constexpr std::int32_t kDaySeconds = 86'400;
constexpr std::int32_t kWindowSecondsMax = 3'600;  // these two as in autoscaling/v2
constexpr std::int32_t kPeriodSecondsMax = 1'800;
constexpr std::size_t kPoliciesMax = 16;
constexpr std::size_t kMetricsMax = 20;
constexpr std::size_t kSchedulesMax = 16;
constexpr std::size_t kConditionsMax = 16;
constexpr std::size_t kSelectorMax = 4096;  // characters
constexpr Quantity kZero{};
constexpr Quantity kToleranceMax = Quantity::from_units(100);

// As the API server asks of every object's name; by hand, as policies are decoded by the thousand.
bool is_lowercase_name(std::string_view name) {
    const auto is_alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    return !name.empty() && is_alphanumeric(name.front()) && is_alphanumeric(name.back()) &&
           std::ranges::all_of(name,
                               [&](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

// A bound of 0, the spec's or a schedule's. A case without a target may be anything.
constexpr std::string_view kZeroNeedsValueCel =
    "(self.minReplicas > 0 && (!has(self.schedules) || self.schedules.all(s, "
    "!has(s.minReplicas) || s.minReplicas > 0))) || self.metrics.exists(m, m.type in "
    "['Object', 'External', 'Prometheus'])";

bool zero_has_value(const ScalingPolicySpec& spec) {
    const bool may_be_zero =
        spec.min_replicas == 0 ||
        std::ranges::contains(spec.schedules, 0, &ScalingSchedule::min_replicas);
    return !may_be_zero || spec.target_ref.name.empty() ||
           std::ranges::any_of(spec.metrics, [](const MetricSpec& metric) {
               return metric.type == MetricType::Object || metric.type == MetricType::External ||
                      metric.type == MetricType::Prometheus;
           });
}

}  // namespace

template <>
const Struct<RatePolicy>& table<RatePolicy>() {
    using R = RatePolicy;
    static const Struct<R> kTable{
        "RatePolicy",
        "At most so many pods, or so many percent of the pods, within a period.",
        {field("type", &R::type)
             .required()
             .doc("Whether value counts pods or percent of the pods at the start of the period.")
             .example("Pods"),
         field("value", &R::value)
             .required()
             .between(1, kReplicasMax)
             .unit("pods or percent, by type")
             .doc("The greatest change within the period.")
             .example("4"),
         field("periodSeconds", &R::period_seconds)
             .required()
             .between(1, kPeriodSecondsMax)
             .unit("seconds")
             .doc("The period.")
             .example("60")}};
    return kTable;
}

template <>
const Struct<ScalingRules>& table<ScalingRules>() {
    using R = ScalingRules;
    static const Struct<R> kTable{
        "ScalingRules",
        "How fast replicas change in one direction, as in autoscaling/v2.",
        {field("stabilizationWindowSeconds", &R::stabilization_window_seconds)
             .between(0, kWindowSecondsMax)
             .unit("seconds")
             .doc("A change has to be asked for this long. Without it 0 for up and 300 for down.")
             .example("300"),
         field("selectPolicy", &R::select_policy)
             .doc("Which policy counts: the one that allows the greatest change (Max, also when "
                  "this is not set) or the smallest (Min). Disabled: no change in this direction.")
             .example("Max"),
         field("policies", &R::policies)
             .size(0, kPoliciesMax)
             .doc("Rate limits. Without them 4 pods and 100 percent per 15 s for up, 100 percent "
                  "per 15 s for down.")
             .example("[{type: Percent, value: 10, periodSeconds: 60}]"),
         field("tolerance", &R::tolerance)
             .between(kZero, kToleranceMax)
             .doc("As spec.tolerance, for this direction; it wins over that one.")
             .example("\"0.1\"")}};
    return kTable;
}

template <>
const Struct<ScalingBehavior>& table<ScalingBehavior>() {
    using B = ScalingBehavior;
    static const Struct<B> kTable{"ScalingBehavior",
                                  "How fast replicas change, as in autoscaling/v2.",
                                  {field("scaleUp", &B::scale_up).doc("For more replicas."),
                                   field("scaleDown", &B::scale_down).doc("For fewer replicas.")}};
    return kTable;
}

template <>
const Struct<Tolerance>& table<Tolerance>() {
    using T = Tolerance;
    static const Struct<T> kTable{
        "Tolerance",
        "How far usage may be from a target without a change, as a ratio. A band needs none.",
        {field("scaleUp", &T::scale_up)
             .default_to(Quantity::from_milli(100))
             .between(kZero, kToleranceMax)
             .doc("No change while usage / target is at most 1 plus this.")
             .example("\"0.1\""),
         field("scaleDown", &T::scale_down)
             .default_to(Quantity::from_milli(100))
             .between(kZero, kToleranceMax)
             .doc("No change while usage / target is at least 1 minus this.")
             .example("\"0.1\"")}};
    return kTable;
}

template <>
const Struct<OnMissingMetrics>& table<OnMissingMetrics>() {
    using M = OnMissingMetrics;
    using enum MissingMetricsPolicy;
    static const Struct<M> kTable{
        "OnMissingMetrics",
        "What to do without data. No data never scales down.",
        {field("policy", &M::policy)
             .default_to(Hold)
             .doc(
                 "Hold keeps the replicas. Fallback keeps them for maxHoldSeconds and then goes up "
                 "to fallbackReplicas if there are fewer.")
             .example("Fallback"),
         field("maxHoldSeconds", &M::max_hold_seconds)
             .default_to(600)
             .between(0, kDaySeconds)
             .unit("seconds")
             .doc("How long Fallback waits for data.")
             .example("600"),
         field("fallbackReplicas", &M::fallback_replicas)
             .between(1, kReplicasMax)
             .unit("pods")
             .doc("Enough for the load you expect; needed for Fallback.")
             .example("6")},
        {rule<M>(
            "self.policy != 'Fallback' || has(self.fallbackReplicas)",
            [](const M& m) { return m.policy != Fallback || m.fallback_replicas.has_value(); },
            "fallbackReplicas", "must be set for the policy Fallback")}};
    return kTable;
}

template <>
const Struct<ScalingPolicySpec>& table<ScalingPolicySpec>() {
    using S = ScalingPolicySpec;
    static const Struct<S> kTable{
        "ScalingPolicySpec",
        "What to scale, between which bounds and by which metrics.",
        {field("targetRef", &S::target_ref)
             .required()
             .doc("What to scale: any object of this namespace with a scale subresource.")
             .example("{apiVersion: apps/v1, kind: Deployment, name: chat-server}"),
         field("mode", &S::mode)
             .default_to(ScalingMode::Enforce)
             .doc("Enforce sets the replicas. Observe decides and reports, and touches nothing.")
             .example("Observe"),
         field("minReplicas", &S::min_replicas)
             .default_to(1)
             .between(0, kReplicasMax)
             .unit("pods")
             .doc("Never fewer than this.")
             .example("2"),
         field("maxReplicas", &S::max_replicas)
             .required()
             .between(1, kReplicasMax)
             .unit("pods")
             .doc("Never more than this.")
             .example("20"),
         field("evaluationPeriodSeconds", &S::evaluation_period_seconds)
             .default_to(15)
             .between(1, kWindowSecondsMax)
             .unit("seconds")
             .doc("How often to decide.")
             .example("15"),
         field("metrics", &S::metrics)
             .required()
             .size(1, kMetricsMax)
             .doc("What to decide by; the greatest proposal counts. The shapes of autoscaling/v2, "
                  "with band and Prometheus added.")
             .example("[{type: Resource, resource: {name: cpu, band: {}}}]"),
         field("resourceSource", &S::resource_source)
             .default_to(ResourceSource::Prometheus)
             .doc("Where cpu and memory come from: the controller's Prometheus, or what "
                  "metrics.k8s.io serves, as kubectl top and a HorizontalPodAutoscaler read it.")
             .example("MetricsApi"),
         field("maxAgeSeconds", &S::max_age_seconds)
             .default_to(60)
             .between(1, kWindowSecondsMax)
             .unit("seconds")
             .doc("An older sample of a pod is no data for that pod.")
             .example("60"),
         field("tolerance", &S::tolerance)
             .default_to(Tolerance{})
             .doc("How far usage may be from a target without a change.")
             .example("{scaleUp: \"0.1\", scaleDown: \"0.1\"}"),
         field("compatibility", &S::compatibility)
             .default_to(Compatibility::Chatflow)
             .doc("chatflow decides as this reference says; autoscaling/v2 as a "
                  "HorizontalPodAutoscaler does, its known faults included.")
             .example("chatflow"),
         field("behavior", &S::behavior).doc("How fast replicas change, as in autoscaling/v2."),
         field("onMissingMetrics", &S::on_missing_metrics)
             .default_to(OnMissingMetrics{})
             .doc("What to do without data.")
             .example("{policy: Fallback, fallbackReplicas: 6}"),
         field("scaleToZero", &S::scale_to_zero)
             .default_to(ScaleToZero{})
             .doc("How the last pod goes, with minReplicas 0.")
             .example("{gracePeriodSeconds: 600}"),
         field("schedules", &S::schedules)
             .size(0, kSchedulesMax)
             .keyed_by({"name"})
             .doc("Other bounds at certain times.")
             .example("[{name: office-hours, start: \"0 8 * * 1-5\", end: \"0 20 * * 1-5\", "
                      "timeZone: Europe/Berlin, minReplicas: 6}]"),
         field("override", &S::override_with)
             .doc("So many pods until a certain time, whatever the metrics say."),
         field("pause", &S::pause).doc("No scale-up, no scale-down, or neither, for a while."),
         field("flapBudget", &S::flap_budget)
             .doc("How often replicas may turn from growing to shrinking or back."),
         field("rebalance", &S::rebalance)
             .doc("Once, go to the replicas that meet the aim although the usage is inside the "
                  "band."),
         field("prediction", &S::prediction)
             .doc("Replicas ahead of a load that comes again every day or week."),
         field("drain", &S::drain)
             .doc("For a workload with long connections: how they end before a pod goes."),
         field("cpuInitializationPeriodSeconds", &S::cpu_initialization_period_seconds)
             .default_to(300)
             .between(0, kDaySeconds)
             .unit("seconds")
             .doc("For so long after its start a pod that is not ready does not count for cpu.")
             .example("300"),
         field("initialReadinessDelaySeconds", &S::initial_readiness_delay_seconds)
             .default_to(30)
             .between(0, kDaySeconds)
             .unit("seconds")
             .doc("A pod whose readiness last changed so soon after its start was never ready.")
             .example("30")},
        {rule<S>(
             "self.maxReplicas >= self.minReplicas",
             [](const S& s) { return s.max_replicas >= s.min_replicas; }, "maxReplicas",
             "must be at least minReplicas ({minReplicas}), not {maxReplicas}"),
         rule<S>(
             "has(self.targetRef.apiVersion)",
             // A case has no target at all.
             [](const S& s) {
                 return s.target_ref.name.empty() || !s.target_ref.api_version.empty();
             },
             "targetRef", "must have an apiVersion such as apps/v1"),
         rule<S>(kZeroNeedsValueCel, zero_has_value, "metrics",
                 "must hold one of type Object, External or Prometheus where minReplicas is 0: "
                 "without pods, nothing else can tell that there is work"),
         rule<S>(
             "!has(self.override) || self.override.replicas <= self.maxReplicas",
             [](const S& s) {
                 return !s.override_with || s.override_with->replicas <= s.max_replicas;
             },
             "override.replicas", "must be at most maxReplicas ({maxReplicas})"),
         rule<S>(
             "!has(self.schedules) || self.schedules.all(s, (has(s.minReplicas) ? s.minReplicas : "
             "self.minReplicas) <= (has(s.maxReplicas) ? s.maxReplicas : self.maxReplicas))",
             [](const S& s) {
                 return std::ranges::all_of(s.schedules, [&s](const ScalingSchedule& schedule) {
                     return schedule.min_replicas.value_or(s.min_replicas) <=
                            schedule.max_replicas.value_or(s.max_replicas);
                 });
             },
             "schedules",
             "must each keep its minReplicas at most at its maxReplicas; what it does not set is "
             "that of the spec ({minReplicas}, {maxReplicas})")}};
    return kTable;
}

template <>
const Struct<ScalingPolicyStatus>& table<ScalingPolicyStatus>() {
    using S = ScalingPolicyStatus;
    static const Struct<S> kTable{
        "ScalingPolicyStatus",
        "What was observed and decided last; written by the controller.",
        {field("observedGeneration", &S::observed_generation)
             .between(0, kGenerationMax)
             .doc("The metadata.generation that this status is about.")
             .example("3"),
         field("currentReplicas", &S::current_replicas)
             .between(0, kReplicasMax)
             .unit("pods")
             .doc("Replicas that the target has.")
             .example("4"),
         field("desiredReplicas", &S::desired_replicas)
             .between(0, kReplicasMax)
             .unit("pods")
             .doc("Replicas that the last decision asks for.")
             .example("6"),
         field("bounds", &S::bounds).doc("Bounds in force: those of the spec, or of a schedule."),
         field("selector", &S::selector)
             .size(0, kSelectorMax)
             .doc("Selects the target's pods.")
             .example("app=chat-server"),
         field("utilizationPercent", &S::utilization_percent)
             .between(0, kReplicasMax)
             .unit("percent of the requests")
             .doc("Usage by the first Resource metric.")
             .example("63"),
         field("lastScaleTime", &S::last_scale_time)
             .doc("When replicas were changed last.")
             .example("\"2026-11-21T08:00:00Z\""),
         field("lastDecision", &S::last_decision)
             .doc("The last decision with all that it depends on, so that it can be recomputed."),
         field("changes", &S::changes)
             .size(0, kChangesMax)
             .doc("The last changes of replicas, the oldest first."),
         field("history", &S::history)
             .record()
             .doc("What later decisions need to know; a new leader goes on from here."),
         field("simulation", &S::simulation)
             .record()
             .doc("What kubectl chatflow simulate --attach wrote; the controller leaves it alone."),
         field("conditions", &S::conditions)
             .size(0, kConditionsMax)
             .keyed_by({"type"})
             .doc("Ready: valid and carried out. Reconciling, Stalled: as kstatus reads them. "
                  "MetricsAvailable: whether there is data to decide by.")}};
    return kTable;
}

template <>
const Struct<ScalingPolicy>& table<ScalingPolicy>() {
    using P = ScalingPolicy;
    static const Struct<P> kTable{
        "ScalingPolicy",
        "Keeps the replicas of a workload between thresholds of its metrics.",
        {field("metadata", &P::metadata).required().doc("Name and labels of the object."),
         field("spec", &P::spec).required().doc("What is wanted."),
         field("status", &P::status).omit_if_new().doc("What was observed and decided last.")},
        {rule<P>(
             "size(self.metadata.name) <= 63",
             [](const P& p) { return p.metadata.name.size() <= kLabelMax; }, "metadata.name",
             "must be at most 63 characters long: it becomes the value of labels"),
         rule<P>(
             "self.metadata.name.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
             [](const P& p) { return is_lowercase_name(p.metadata.name); }, "metadata.name",
             "must be lowercase letters, digits, '-' and '.', with a letter or digit at both "
             "ends")}};
    return kTable;
}

}  // namespace chatflow::api::schema
