#include "controller/api/patterns.hpp"
#include "controller/api/scaling_case_forms.hpp"
#include "controller/api/tables.hpp"

#include <limits>

namespace chatflow::api::schema {

namespace {

constexpr std::int32_t kInt32Max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kGenerationMax = (std::int64_t{1} << 53) - 1;
constexpr std::size_t kNamesMax = 253;     // characters
constexpr std::size_t kMessageMax = 4096;  // characters
constexpr std::size_t kContainersMax = 256;
constexpr std::size_t kResourcesMax = 32;
constexpr std::size_t kPodsMax = 20'000;  // of a case; a status keeps kRecordedPodsMax
constexpr std::size_t kMetricsMax = 20;
constexpr std::size_t kVictimsMax = 100;   // of one batch
constexpr std::size_t kControlsMax = 32;   // more than there are schedules
constexpr std::size_t kHistoryMax = 4096;  // an hour of decisions every second

}  // namespace

template <>
const Struct<CaseContainer>& table<CaseContainer>() {
    using C = CaseContainer;
    static const Struct<C> kTable{
        "CaseContainer",
        "A container and what it requests.",
        {field("name", &C::name).required().size(1, kNamesMax).doc("Name of the container."),
         field("requests", &C::requests).size(0, kResourcesMax).doc("Amount by resource.")}};
    return kTable;
}

template <>
const Struct<CasePod>& table<CasePod>() {
    using P = CasePod;
    static const Struct<P> kTable{
        "CasePod",
        "A pod of the target.",
        {field("name", &P::name).required().size(1, kNamesMax).doc("Name of the pod."),
         field("phase", &P::phase).doc("Its phase; Running where it is not given."),
         field("ready", &P::ready)
             .doc("Status of its Ready condition, or absent; True where it is not given."),
         field("readyTransitionTime", &P::ready_transition_time)
             .style(TimeStyle::AsNeeded)
             .doc("When that condition changed last."),
         field("startTime", &P::start_time).style(TimeStyle::AsNeeded).doc("When it was started."),
         field("deletionTimestamp", &P::deletion_timestamp)
             .style(TimeStyle::AsNeeded)
             .doc("Set while it is being deleted."),
         field("requests", &P::requests)
             .size(0, kResourcesMax)
             .doc("Requests of the pod as a whole, where it has such."),
         field("containers", &P::containers).size(0, kContainersMax).doc("Its containers.")}};
    return kTable;
}

template <>
const Struct<ContainerUsage>& table<ContainerUsage>() {
    using U = ContainerUsage;
    static const Struct<U> kTable{
        "ContainerUsage",
        "What a container uses of the metric's resource.",
        {field("name", &U::name).required().size(1, kNamesMax).doc("Name of the container."),
         field("usage", &U::usage).required().doc("The amount.")}};
    return kTable;
}

template <>
const Struct<PodSample>& table<PodSample>() {
    using P = PodSample;
    static const Struct<P> kTable{
        "PodSample",
        "What was measured of a pod: usage by container, or one value.",
        {field("pod", &P::pod).required().size(1, kNamesMax).doc("Name of the pod."),
         field("containers", &P::containers).size(0, kContainersMax).doc("Usage by container."),
         field("value", &P::value).doc("The value of a Pods metric."),
         field("timestamp", &P::timestamp)
             .style(TimeStyle::AsNeeded)
             .doc("End of the time that it was measured over."),
         field("windowSeconds", &P::window_seconds)
             .between(0, kInt32Max)
             .unit("seconds")
             .doc("Length of that time.")}};
    return kTable;
}

template <>
const Struct<MetricError>& table<MetricError>() {
    using E = MetricError;
    static const Struct<E> kTable{
        "MetricError",
        "Why there is no data.",
        {field("reason", &E::reason)
             .required()
             .size(1, kNamesMax)
             .doc("In one word: QueryFailed, EmptyResult, StaleSample, NotANumber."),
         field("message", &E::message).size(0, kMessageMax).doc("In a sentence.")}};
    return kTable;
}

template <>
const Struct<ReadingForm>& table<ReadingForm>() {
    using R = ReadingForm;
    static const Struct<R> kTable{
        "MetricReading",
        "What was read for one entry of spec.metrics: one of pods, values and error.",
        {field("pods", &R::pods).size(0, kPodsMax).doc("Samples by pod."),
         field("values", &R::values).size(0, kPodsMax).doc("Values that are summed."),
         field("timestamp", &R::timestamp)
             .style(TimeStyle::AsNeeded)
             .doc("When the values were measured."),
         field("error", &R::error).doc("Why there is no data.")},
        {rule<R>(
             "[has(self.pods), has(self.values), has(self.error)].filter(x, x).size() == 1",
             [](const R& r) {
                 return int{r.pods.has_value()} + int{r.values.has_value()} +
                            int{r.error.has_value()} ==
                        1;
             },
             "", "must have exactly one of pods, values and error"),
         rule<R>(
             "!has(self.timestamp) || has(self.values)",
             [](const R& r) { return !r.timestamp || r.values.has_value(); }, "timestamp",
             "belongs to values; samples of pods have their own")}};
    return kTable;
}

template <>
const Struct<Recommendation>& table<Recommendation>() {
    using R = Recommendation;
    static const Struct<R> kTable{
        "Recommendation",
        "What a decision asked for before stabilization.",
        {field("at", &R::at).required().style(TimeStyle::AsNeeded).doc("When it was made."),
         field("replicas", &R::replicas)
             .required()
             .between(0, kInt32Max)
             .doc("Replicas it asked for.")}};
    return kTable;
}

template <>
const Struct<ScaleEvent>& table<ScaleEvent>() {
    using E = ScaleEvent;
    static const Struct<E> kTable{
        "ScaleEvent",
        "A change of replicas.",
        {field("at", &E::at).required().style(TimeStyle::AsNeeded).doc("When it was made."),
         field("change", &E::change)
             .required()
             .between(0, kInt32Max)
             .doc("Pods more or fewer, without a sign.")}};
    return kTable;
}

template <>
const Struct<DirectionChange>& table<DirectionChange>() {
    using D = DirectionChange;
    static const Struct<D> kTable{
        "DirectionChange",
        "The replicas began to move the other way.",
        {field("at", &D::at).required().style(TimeStyle::AsNeeded).doc("When."),
         field("to", &D::to).required().doc("Which way.")}};
    return kTable;
}

template <>
const Struct<ScalingHistory>& table<ScalingHistory>() {
    using H = ScalingHistory;
    static const Struct<H> kTable{
        "ScalingHistory",
        "What decisions have to know of the past.",
        {field("recommendations", &H::recommendations)
             .size(0, kHistoryMax)
             .doc("Within the stabilization windows."),
         field("scaleUpEvents", &H::scale_up_events)
             .size(0, kHistoryMax)
             .doc("Within the periods of the policies for more replicas."),
         field("scaleDownEvents", &H::scale_down_events)
             .size(0, kHistoryMax)
             .doc("Within the periods of the policies for fewer replicas."),
         field("direction", &H::direction).doc("Which way the last change went."),
         field("directionChanges", &H::direction_changes)
             .size(0, kHistoryMax)
             .doc("Within the period of the flap budget."),
         field("idleSince", &H::idle_since)
             .style(TimeStyle::AsNeeded)
             .doc("With minReplicas 0: since when every metric of the whole target has been at or "
                  "below its activationThreshold."),
         field("zeroedAt", &H::zeroed_at)
             .style(TimeStyle::AsNeeded)
             .doc("When the policy itself set 0 replicas, while there are 0."),
         field("rebalancedAt", &H::rebalanced_at)
             .style(TimeStyle::AsNeeded)
             .doc("The requestedAt of the rebalance that was carried out last."),
         field("drainedAt", &H::drained_at)
             .style(TimeStyle::AsNeeded)
             .doc("When the last batch of spec.drain went.")}};
    return kTable;
}

template <>
const Struct<CaseReplicas>& table<CaseReplicas>() {
    using R = CaseReplicas;
    static const Struct<R> kTable{
        "CaseReplicas",
        "Replicas of the target.",
        {field("spec", &R::spec).required().between(0, kInt32Max).doc("Replicas that are wanted."),
         field("status", &R::status)
             .between(0, kInt32Max)
             .doc("Replicas that there are; as spec where not given.")}};
    return kTable;
}

template <>
const Struct<Observation>& table<Observation>() {
    using O = Observation;
    static const Struct<O> kTable{
        "Observation",
        "All that a decision depends on besides the spec.",
        {field("now", &O::now).required().style(TimeStyle::AsNeeded).doc("When it was decided."),
         field("replicas", &O::replicas).required().doc("Replicas of the target."),
         field("pods", &O::pods).size(0, kPodsMax).doc("Pods of the target."),
         field("metrics", &O::metrics)
             .size(0, kMetricsMax)
             .doc("What was read, one entry per entry of spec.metrics, in order."),
         field("history", &O::history).doc("What happened before."),
         field("proposal", &O::proposal)
             .between(0, kInt32Max)
             .doc("Taken instead of what the metrics propose."),
         field("metricsMissingSince", &O::metrics_missing_since)
             .style(TimeStyle::AsNeeded)
             .doc("Since when metrics have been missing without a break."),
         field("freeze", &O::freeze).doc("The annotation chatflow.dev/freeze of the namespace."),
         field("forecast", &O::forecast).doc("What is expected of the load."),
         field("draining", &O::draining)
             .size(0, kPodsMax)
             .doc("With spec.drain: connections of the pods.")}};
    return kTable;
}

template <>
const Struct<MetricOutcome>& table<MetricOutcome>() {
    using M = MetricOutcome;
    static const Struct<M> kTable{
        "MetricOutcome",
        "What one metric asks for.",
        {field("name", &M::name).required().size(0, kNamesMax).doc("Name of the metric."),
         field("value", &M::value).doc("Average over the pods, or the value."),
         field("utilizationPercent", &M::utilization_percent)
             .between(0, kInt32Max)
             .unit("percent of the requests")
             .doc("Usage."),
         field("age", &M::age_seconds)
             .between(0, kInt32Max)
             .unit("seconds")
             .doc("Age of the oldest sample."),
         field("proposal", &M::proposal).between(0, kInt32Max).doc("Replicas it asks for."),
         field("active", &M::active)
             .doc("With minReplicas 0: whether it is above its activationThreshold."),
         field("verdict", &M::verdict).required().doc("Which way it pulls."),
         field("reason", &M::reason)
             .size(0, kNamesMax)
             .doc("Why there is no data, in one word; or AwaitingPods."),
         field("message", &M::message).size(0, kMessageMax).doc("Why, in a sentence.")}};
    return kTable;
}

template <>
const Struct<Decision>& table<Decision>() {
    using D = Decision;
    static const Struct<D> kTable{
        "Decision",
        "Replicas, and why.",
        {field("replicas", &D::replicas).required().between(0, kInt32Max).doc("Replicas to have."),
         field("uncapped", &D::uncapped)
             .between(0, kInt32Max)
             .doc("What the metrics asked for, before stabilization, policies and bounds."),
         field("reason", &D::reason).required().doc("Why, in one word."),
         field("message", &D::message).size(0, kMessageMax).doc("Why, in a sentence."),
         field("limitedBy", &D::limited_by).doc("What kept it from what the metrics asked for."),
         field("metrics", &D::metrics).size(0, kMetricsMax).doc("What each metric asked for."),
         field("predicted", &D::predicted)
             .between(0, kInt32Max)
             .doc("What the forecast asks for, where it is trusted."),
         field("controls", &D::controls).size(0, kControlsMax).doc("Controls in force."),
         field("bounds", &D::bounds).doc("Where a schedule sets others than the spec."),
         field("victims", &D::victims)
             .size(0, kVictimsMax)
             .each_size(1, kNamesMax)
             .doc("Pods that have to drain; no other has to."),
         field("error", &D::error).size(0, kMessageMax).doc("Why no decision was possible.")}};
    return kTable;
}

template <>
const Struct<DecisionRecord>& table<DecisionRecord>() {
    using R = DecisionRecord;
    static const Struct<R> kTable{
        "DecisionRecord",
        "A decision with what it depends on.",
        {field("generation", &R::generation)
             .between(0, kGenerationMax)
             .doc("The metadata.generation of the spec that it was made by."),
         field("observation", &R::observation).required().record().doc("What it depends on."),
         field("decision", &R::decision).required().doc("What was decided."),
         field("podsOmitted", &R::pods_omitted)
             .omit_if_new()
             .doc("Pods and samples were too many to be kept here.")}};
    return kTable;
}

template <>
const Struct<ScaleChange>& table<ScaleChange>() {
    using C = ScaleChange;
    static const Struct<C> kTable{
        "ScaleChange",
        "A change of replicas, with what recomputes it from what the metrics asked for.",
        {field("at", &C::at).required().style(TimeStyle::AsNeeded).doc("When."),
         field("generation", &C::generation)
             .between(0, kGenerationMax)
             .doc("The metadata.generation of the spec that it was made by."),
         field("from", &C::from).required().between(0, kInt32Max).doc("Replicas before."),
         field("to", &C::to).required().between(0, kInt32Max).doc("Replicas after."),
         field("uncapped", &C::uncapped)
             .between(0, kInt32Max)
             .doc("What the metrics asked for, before stabilization, policies and bounds."),
         field("reason", &C::reason).required().doc("Why, in one word."),
         field("limitedBy", &C::limited_by).doc("What kept it from what the metrics asked for."),
         field("message", &C::message).size(0, kMessageMax).doc("Why, in a sentence."),
         field("history", &C::history).record().doc("What the decision knew of the past.")}};
    return kTable;
}

}  // namespace chatflow::api::schema
