#include "controller/api/names.hpp"

#include "controller/api/tables.hpp"

#include <array>

namespace chatflow::api {

namespace {

template <class E>
std::string_view word_of(E value) {
    for (const schema::Word<E>& word : schema::words<E>()) {
        if (word.value == value) return word.text;
    }
    return {};
}

}  // namespace

namespace schema {

// One array per enum; the order is the one of the schema and of error messages.
template <class E, std::size_t N>
using Words = std::array<Word<E>, N>;

template <>
std::span<const Word<ConditionStatus>> words() {
    using enum ConditionStatus;
    static constexpr Words<ConditionStatus, 3> kWords{
        {{True, "True"}, {False, "False"}, {Unknown, "Unknown"}}};
    return kWords;
}

template <>
std::span<const Word<PodPhase>> words() {
    using enum PodPhase;
    static constexpr Words<PodPhase, 5> kWords{{{Pending, "Pending"},
                                                {Running, "Running"},
                                                {Succeeded, "Succeeded"},
                                                {Failed, "Failed"},
                                                {Unknown, "Unknown"}}};
    return kWords;
}

template <>
std::span<const Word<ReadyStatus>> words() {
    using enum ReadyStatus;
    static constexpr Words<ReadyStatus, 4> kWords{
        {{True, "True"}, {False, "False"}, {Unknown, "Unknown"}, {Absent, "absent"}}};
    return kWords;
}

template <>
std::span<const Word<MetricVerdict>> words() {
    using enum MetricVerdict;
    static constexpr Words<MetricVerdict, 4> kWords{
        {{ScaleUp, "ScaleUp"}, {ScaleDown, "ScaleDown"}, {Hold, "Hold"}, {NoData, "NoData"}}};
    return kWords;
}

template <>
std::span<const Word<DecisionReason>> words() {
    using enum DecisionReason;
    static constexpr Words<DecisionReason, 21> kWords{{{AboveThreshold, "AboveThreshold"},
                                                       {PredictedLoad, "PredictedLoad"},
                                                       {BelowThreshold, "BelowThreshold"},
                                                       {WithinBand, "WithinBand"},
                                                       {AwaitingPods, "AwaitingPods"},
                                                       {Stabilizing, "Stabilizing"},
                                                       {RateLimited, "RateLimited"},
                                                       {AtMinimum, "AtMinimum"},
                                                       {AtMaximum, "AtMaximum"},
                                                       {OutsideBounds, "OutsideBounds"},
                                                       {MetricUnavailable, "MetricUnavailable"},
                                                       {FallbackReplicas, "FallbackReplicas"},
                                                       {ScalingDisabled, "ScalingDisabled"},
                                                       {InvalidRequests, "InvalidRequests"},
                                                       {Frozen, "Frozen"},
                                                       {Overridden, "Overridden"},
                                                       {Paused, "Paused"},
                                                       {FlapBudgetSpent, "FlapBudgetSpent"},
                                                       {Draining, "Draining"},
                                                       {GracePeriod, "GracePeriod"},
                                                       {ScaledToZero, "ScaledToZero"}}};
    return kWords;
}

template <>
std::span<const Word<LimitedBy>> words() {
    using enum LimitedBy;
    static constexpr Words<LimitedBy, 14> kWords{
        {{None, "None"},
         {ScaleUpStabilization, "ScaleUpStabilization"},
         {ScaleDownStabilization, "ScaleDownStabilization"},
         {ScaleUpPolicy, "ScaleUpPolicy"},
         {ScaleDownPolicy, "ScaleDownPolicy"},
         {MinReplicas, "MinReplicas"},
         {MaxReplicas, "MaxReplicas"},
         {MissingMetrics, "MissingMetrics"},
         {Freeze, "Freeze"},
         {Override, "Override"},
         {Pause, "Pause"},
         {FlapBudget, "FlapBudget"},
         {GracePeriod, "GracePeriod"},
         {Drain, "Drain"}}};
    return kWords;
}

template <>
std::span<const Word<ResourceSource>> words() {
    using enum ResourceSource;
    static constexpr Words<ResourceSource, 2> kWords{
        {{Prometheus, "Prometheus"}, {MetricsApi, "MetricsApi"}}};
    return kWords;
}

template <>
std::span<const Word<ScalingMode>> words() {
    using enum ScalingMode;
    static constexpr Words<ScalingMode, 2> kWords{{{Enforce, "Enforce"}, {Observe, "Observe"}}};
    return kWords;
}

template <>
std::span<const Word<Compatibility>> words() {
    using enum Compatibility;
    static constexpr Words<Compatibility, 2> kWords{
        {{Chatflow, "chatflow"}, {AutoscalingV2, "autoscaling/v2"}}};
    return kWords;
}

template <>
std::span<const Word<MetricTargetType>> words() {
    using enum MetricTargetType;
    static constexpr Words<MetricTargetType, 3> kWords{
        {{Utilization, "Utilization"}, {Value, "Value"}, {AverageValue, "AverageValue"}}};
    return kWords;
}

template <>
std::span<const Word<MetricType>> words() {
    using enum MetricType;
    static constexpr Words<MetricType, 6> kWords{{{Resource, "Resource"},
                                                  {ContainerResource, "ContainerResource"},
                                                  {Pods, "Pods"},
                                                  {Object, "Object"},
                                                  {External, "External"},
                                                  {Prometheus, "Prometheus"}}};
    return kWords;
}

template <>
std::span<const Word<RateType>> words() {
    using enum RateType;
    static constexpr Words<RateType, 2> kWords{{{Pods, "Pods"}, {Percent, "Percent"}}};
    return kWords;
}

template <>
std::span<const Word<SelectPolicy>> words() {
    using enum SelectPolicy;
    static constexpr Words<SelectPolicy, 3> kWords{
        {{Max, "Max"}, {Min, "Min"}, {Disabled, "Disabled"}}};
    return kWords;
}

template <>
std::span<const Word<MissingMetricsPolicy>> words() {
    using enum MissingMetricsPolicy;
    static constexpr Words<MissingMetricsPolicy, 2> kWords{
        {{Hold, "Hold"}, {Fallback, "Fallback"}}};
    return kWords;
}

template <>
std::span<const Word<ScaleDirection>> words() {
    using enum ScaleDirection;
    static constexpr Words<ScaleDirection, 2> kWords{{{Up, "Up"}, {Down, "Down"}}};
    return kWords;
}

template <>
std::span<const Word<ControlType>> words() {
    using enum ControlType;
    static constexpr Words<ControlType, 6> kWords{{{Freeze, "Freeze"},
                                                   {Override, "Override"},
                                                   {PauseScaleUp, "PauseScaleUp"},
                                                   {PauseScaleDown, "PauseScaleDown"},
                                                   {Schedule, "Schedule"},
                                                   {Rebalance, "Rebalance"}}};
    return kWords;
}

template <>
std::span<const Word<PredictionMode>> words() {
    using enum PredictionMode;
    static constexpr Words<PredictionMode, 3> kWords{
        {{Off, "Off"}, {Observe, "Observe"}, {Enforce, "Enforce"}}};
    return kWords;
}

template <>
std::span<const Word<PredictionState>> words() {
    using enum PredictionState;
    static constexpr Words<PredictionState, 3> kWords{
        {{Learning, "Learning"}, {Shadow, "Shadow"}, {Trusted, "Trusted"}}};
    return kWords;
}

template <>
std::span<const Word<PredictionModel>> words() {
    using enum PredictionModel;
    static constexpr Words<PredictionModel, 2> kWords{
        {{SeasonalQuantile, "SeasonalQuantile"}, {HoltWinters, "HoltWinters"}}};
    return kWords;
}

}  // namespace schema

std::string_view to_string(ConditionStatus value) { return word_of(value); }
std::string_view to_string(PodPhase value) { return word_of(value); }
std::string_view to_string(ReadyStatus value) { return word_of(value); }
std::string_view to_string(MetricVerdict value) { return word_of(value); }
std::string_view to_string(DecisionReason value) { return word_of(value); }
std::string_view to_string(LimitedBy value) { return word_of(value); }
std::string_view to_string(ResourceSource value) { return word_of(value); }
std::string_view to_string(ScalingMode value) { return word_of(value); }
std::string_view to_string(Compatibility value) { return word_of(value); }
std::string_view to_string(MetricTargetType value) { return word_of(value); }
std::string_view to_string(MetricType value) { return word_of(value); }
std::string_view to_string(RateType value) { return word_of(value); }
std::string_view to_string(SelectPolicy value) { return word_of(value); }
std::string_view to_string(MissingMetricsPolicy value) { return word_of(value); }
std::string_view to_string(ScaleDirection value) { return word_of(value); }
std::string_view to_string(ControlType value) { return word_of(value); }
std::string_view to_string(PredictionMode value) { return word_of(value); }
std::string_view to_string(PredictionState value) { return word_of(value); }
std::string_view to_string(PredictionModel value) { return word_of(value); }

}  // namespace chatflow::api
