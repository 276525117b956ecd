#pragma once

#include "controller/api/condition.hpp"
#include "controller/api/object_meta.hpp"
#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_policy.hpp"
#include "controller/api/schema/boxed_field.hpp"
#include "controller/api/schema/struct.hpp"

// Which structs have a table and which enums have words. For codecs and crdgen; nobody else
// includes it, since it brings the JSON library along.
namespace chatflow::api::schema {

// meta_tables.cpp
template <>
const Struct<ObjectMeta>& table<ObjectMeta>();
template <>
const Struct<OwnerReference>& table<OwnerReference>();
template <>
const Struct<Condition>& table<Condition>();
template <>
const Struct<TargetRef>& table<TargetRef>();
template <>
const Struct<LabelSelector>& table<LabelSelector>();
template <>
const Struct<LabelSelectorRequirement>& table<LabelSelectorRequirement>();

// metric_tables.cpp
template <>
const Struct<UtilizationBand>& table<UtilizationBand>();
template <>
const Struct<MetricTarget>& table<MetricTarget>();
template <>
const Struct<MetricIdentifier>& table<MetricIdentifier>();
template <>
const Struct<ResourceMetric>& table<ResourceMetric>();
template <>
const Struct<ContainerResourceMetric>& table<ContainerResourceMetric>();
template <>
const Struct<PodsMetric>& table<PodsMetric>();
template <>
const Struct<ObjectMetric>& table<ObjectMetric>();
template <>
const Struct<ExternalMetric>& table<ExternalMetric>();
template <>
const Struct<PrometheusServer>& table<PrometheusServer>();
template <>
const Struct<PrometheusMetric>& table<PrometheusMetric>();
template <>
const Struct<MetricSpec>& table<MetricSpec>();

// scaling_policy_tables.cpp
template <>
const Struct<RatePolicy>& table<RatePolicy>();
template <>
const Struct<ScalingRules>& table<ScalingRules>();
template <>
const Struct<ScalingBehavior>& table<ScalingBehavior>();
template <>
const Struct<Tolerance>& table<Tolerance>();
template <>
const Struct<OnMissingMetrics>& table<OnMissingMetrics>();
template <>
const Struct<ScalingPolicySpec>& table<ScalingPolicySpec>();
template <>
const Struct<ScalingPolicyStatus>& table<ScalingPolicyStatus>();
template <>
const Struct<ScalingPolicy>& table<ScalingPolicy>();

// scaling_control_tables.cpp
template <>
const Struct<ScalingSchedule>& table<ScalingSchedule>();
template <>
const Struct<ScalingOverride>& table<ScalingOverride>();
template <>
const Struct<ScalingPause>& table<ScalingPause>();
template <>
const Struct<FlapBudget>& table<FlapBudget>();
template <>
const Struct<ScaleToZero>& table<ScaleToZero>();
template <>
const Struct<RebalanceRequest>& table<RebalanceRequest>();
template <>
const Struct<NamespaceFreeze>& table<NamespaceFreeze>();
template <>
const Struct<ActiveControl>& table<ActiveControl>();
template <>
const Struct<ReplicaBounds>& table<ReplicaBounds>();

// scaling_drain_tables.cpp
template <>
const Struct<DrainEndpoint>& table<DrainEndpoint>();
template <>
const Struct<DrainSpec>& table<DrainSpec>();
template <>
const Struct<DrainingPod>& table<DrainingPod>();

// scaling_prediction_tables.cpp
template <>
const Struct<PredictionSpec>& table<PredictionSpec>();
template <>
const Struct<Forecast>& table<Forecast>();

// scaling_simulation_tables.cpp
template <>
const Struct<SimulatedRun>& table<SimulatedRun>();
template <>
const Struct<SimulationResult>& table<SimulationResult>();

// scaling_case_tables.cpp
template <>
const Struct<CaseContainer>& table<CaseContainer>();
template <>
const Struct<CasePod>& table<CasePod>();
template <>
const Struct<ContainerUsage>& table<ContainerUsage>();
template <>
const Struct<PodSample>& table<PodSample>();
template <>
const Struct<MetricError>& table<MetricError>();
template <>
const Struct<Recommendation>& table<Recommendation>();
template <>
const Struct<ScaleEvent>& table<ScaleEvent>();
template <>
const Struct<DirectionChange>& table<DirectionChange>();
template <>
const Struct<ScalingHistory>& table<ScalingHistory>();
template <>
const Struct<CaseReplicas>& table<CaseReplicas>();
template <>
const Struct<Observation>& table<Observation>();
template <>
const Struct<MetricOutcome>& table<MetricOutcome>();
template <>
const Struct<Decision>& table<Decision>();
template <>
const Struct<DecisionRecord>& table<DecisionRecord>();
template <>
const Struct<ScaleChange>& table<ScaleChange>();

// names.cpp
template <>
std::span<const Word<ConditionStatus>> words();
template <>
std::span<const Word<PodPhase>> words();
template <>
std::span<const Word<ReadyStatus>> words();
template <>
std::span<const Word<MetricVerdict>> words();
template <>
std::span<const Word<DecisionReason>> words();
template <>
std::span<const Word<LimitedBy>> words();
template <>
std::span<const Word<ResourceSource>> words();
template <>
std::span<const Word<ScalingMode>> words();
template <>
std::span<const Word<Compatibility>> words();
template <>
std::span<const Word<MetricTargetType>> words();
template <>
std::span<const Word<MetricType>> words();
template <>
std::span<const Word<RateType>> words();
template <>
std::span<const Word<SelectPolicy>> words();
template <>
std::span<const Word<MissingMetricsPolicy>> words();
template <>
std::span<const Word<ScaleDirection>> words();
template <>
std::span<const Word<ControlType>> words();
template <>
std::span<const Word<PredictionMode>> words();
template <>
std::span<const Word<PredictionState>> words();
template <>
std::span<const Word<PredictionModel>> words();

}  // namespace chatflow::api::schema
