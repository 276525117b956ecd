#include "controller/cli/explanation.hpp"

#include "controller/api/scaling_case_codec.hpp"
#include "controller/api/scaling_policy_codec.hpp"
#include "controller/cli/paragraphs.hpp"
#include "controller/domain/scaling/status.hpp"
#include "libs/base/version.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using namespace scaling::test;
using testing::HasSubstr;
using testing::Not;

api::ScalingPolicySpec band() {
    api::ScalingPolicySpec spec = a_policy().between(2, 20).cpu_band(70, 30, 60);
    spec.target_ref = {"apps/v1", "Deployment", "chat-server"};
    return spec;
}

/// As it is read from the cluster after that decision.
api::ScalingPolicy decided(api::ScalingPolicySpec spec, const api::Observation& at) {
    api::ScalingPolicy policy;
    policy.metadata.name = "chat-server";
    policy.metadata.name_space = "chat";
    policy.metadata.generation = 3;
    policy.spec = std::move(spec);
    policy.status =
        scaling::next_status(policy, at, scaling::decide(policy.spec, at), scaling::Applied::Yes);
    return api::KindTraits<api::ScalingPolicy>::decode(api::to_json(policy));
}

api::Observation at_low_load() {
    auto at = seen(6, "10 12 8 10 10 10");
    at.history.recommendations = {{kNow - 100s, 6}};
    return at;
}

TEST(Explain, TellsADecisionThatAWindowHolds) {
    EXPECT_EQ(explain(decided(band(), at_low_load()), kNow + 12s),
              R"(ScalingPolicy chat/chat-server, generation 3
keeps Deployment chat-server between 2 and 20 pods, every 15 s

Stabilizing: 6 pods, decided 12s ago (2026-03-14T12:00:00Z)
  cpu is at 10 % of requests, below 30 %: 6 → 1 pod (aiming at 60 %); held by
  the scale-down window of 300 s at 6

What was read
  6 wanted by the target, 6 there
  cpu              10 % of requests, 0 s old              asks for 1 pod

What limited it
  the metrics ask for 1 pod; held by the scale-down window of 300 s at 6

What happens next
  It is decided again every 15 s; the status is written when something changes,
  else once a minute or less often.
  While the load stays as it is:
    6 → 2 pods in 3m18s (12:03:30 UTC)

Conditions
  Ready            True    Stabilizing                for 12s
  Reconciling      False   Reconciled                 for 12s
  Stalled          False   Progressing                for 12s
  ScalingActive    True    ValidMetricFound           for 12s
  AbleToScale      True    ScaleDownStabilized        for 12s
  ScalingLimited   False   DesiredWithinRange         for 12s
  MetricsAvailable True    AllMetricsAvailable        for 12s
  Controlled       False   NoControl                  for 12s

)"
              "Recomputed from this record by version " +
                  std::string(version()) + ": the same.\n");
}

TEST(Explain, TellsMissingMetrics) {
    auto spec = band();
    spec.metrics.push_back(
        {.type = api::MetricType::Prometheus,
         .prometheus = api::PrometheusMetric{
             .name = "queue-depth",
             .query = "sum(queue)",
             .target = {
                 api::MetricTargetType::AverageValue, {}, api::Quantity::from_units(100), {}}}});
    spec.on_missing_metrics = {api::MissingMetricsPolicy::Fallback, 600, 9};
    auto at = seen(4, "50 50 50 50");
    at.metrics.push_back(api::MetricError{"EmptyResult", "the query found nothing"});
    const std::string text = explain(decided(spec, at), kNow + 5s);
    EXPECT_THAT(text, HasSubstr(R"(
WithinBand: 4 pods, decided 5s ago (2026-03-14T12:00:00Z)
  cpu is at 50 % of requests, between 30 % and 70 %: 4 pods stay

What was read
  4 wanted by the target, 4 there
  cpu              50 % of requests, 0 s old              asks for 4 pods
  queue-depth      no data: EmptyResult                   asks for nothing
                   queue-depth has no data: the query found nothing

What limited it
  nothing
)"));
    EXPECT_THAT(text, HasSubstr(R"(
  MetricsAvailable False   EmptyResult                for 5s
    queue-depth has no data: the query found nothing
)"));
}

TEST(Explain, TellsWhenAFallbackFallsDue) {
    auto spec = band();
    spec.on_missing_metrics = {api::MissingMetricsPolicy::Fallback, 600, 9};
    EXPECT_THAT(explain(decided(spec, seen(4, "- - - -")), kNow + 5s),
                HasSubstr("    4 → 9 pods in 9m55s (12:10:00 UTC)\n"));
}

TEST(Explain, SaysThatObserveWouldDoIt) {
    auto spec = band();
    spec.mode = api::ScalingMode::Observe;
    const std::string text = explain(decided(spec, at_low_load()), kNow);
    EXPECT_THAT(text, HasSubstr("observes Deployment chat-server between 2 and 20 pods"));
    EXPECT_THAT(text, HasSubstr("While the load stays as it is, in mode Enforce:\n"));
}

TEST(Explain, TellsWhyNothingCanBeDone) {
    auto policy = decided(band(), at_low_load());
    policy.status = scaling::stalled_status(
        policy, "TargetNotFound", "there is no Deployment chat-server in namespace chat", kNow);
    EXPECT_THAT(explain(policy, kNow + 12s),
                HasSubstr("It cannot be carried out: TargetNotFound\n"
                          "  there is no Deployment chat-server in namespace chat\n"));
}

TEST(Explain, TellsThatNobodyHasLooked) {
    api::ScalingPolicy policy;
    policy.metadata.name = "chat-server";
    policy.metadata.name_space = "chat";
    EXPECT_THAT(explain(policy, kNow), HasSubstr("No controller has looked at it yet"));
}

TEST(Explain, TellsThatTheStatusIsOld) {
    EXPECT_THAT(explain(decided(band(), at_low_load()), kNow + 10min),
                HasSubstr("This status is 10m old."));
}

TEST(Explain, DoesNotRecomputeByAnotherSpec) {
    auto policy = decided(band(), at_low_load());
    policy.metadata.generation = 4;
    const std::string text = explain(policy, kNow);
    EXPECT_THAT(text, HasSubstr("This was decided for generation 3 of the spec"));
    EXPECT_THAT(text, HasSubstr("it cannot be recomputed"));
}

TEST(Explain, SeesThatARecordWasMadeByOtherRules) {
    auto policy = decided(band(), at_low_load());
    policy.status.last_decision->decision.uncapped = 3;
    EXPECT_THAT(explain(policy, kNow), HasSubstr("another decision"));
    EXPECT_EQ(explain_json(policy)["recomputed"], "different");
}

api::ScalingPolicy with_simulation() {
    auto policy = decided(band(), at_low_load());
    policy.status.simulation = api::SimulationResult{
        .at = kNow - 2h,
        .from = kNow - 26h,
        .to = kNow - 2h,
        .runs = {{.name = "a policy with a name that is too long",
                  .under_provisioned_seconds = 1128,
                  .longest_under_seconds = 360,
                  .unserved_percent = api::Quantity::from_milli(5284),
                  .pod_seconds = 530'640,
                  .changes = 25,
                  .flips = 5,
                  .most_replicas = 63},
                 {.name = "hpa at 50 %", .pod_seconds = 535'680, .changes = 164}}};
    return api::KindTraits<api::ScalingPolicy>::decode(api::to_json(policy));
}

TEST(Explain, ShowsTheSimulationThatWasAttached) {
    EXPECT_THAT(explain(with_simulation(), kNow), HasSubstr(R"(
Simulated 2h ago (2026-03-14T10:00:00Z)
  the load from 2026-03-13T10:00:00Z to 2026-03-14T10:00:00Z
                          under  longest unserved pod-hours changes flips most
  policy                minutes  minutes        %                         pods
  a policy with a nam…     18.8      6.0    5.284     147.4      25     5   63
  hpa at 50 %               0.0      0.0    0.000     148.8     164     0    0
)"));
    EXPECT_EQ(explain_json(with_simulation())["simulation"]["runs"][0]["underProvisionedSeconds"],
              1128);
    EXPECT_FALSE(explain_json(decided(band(), at_low_load())).contains("simulation"));
}

TEST(Explain, FitsAnOrdinaryTerminal) {
    std::istringstream lines(explain(with_simulation(), kNow + 12s));
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(columns_of(line), kColumnsMax) << line;
    }
}

TEST(ExplainJson, HoldsTheCaseThatDecideReads) {
    const auto policy = decided(band(), at_low_load());
    const auto json = explain_json(policy);
    EXPECT_EQ(json["policy"], "chat/chat-server");
    EXPECT_EQ(json["recomputed"], "same");
    const auto file = api::parse_case(json["case"]);
    ASSERT_TRUE(file) << to_string(file.error());
    EXPECT_EQ(to_json(scaling::decide(file->spec, file->observation)), json["decision"]);
    EXPECT_EQ(json["next"]["changes"][0]["to"], 2);
    EXPECT_EQ(json["conditions"].size(), policy.status.conditions.size());
}

}  // namespace
}  // namespace chatflow::cli
