#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::scaling::test {
namespace {

using api::DecisionReason;
using api::LimitedBy;
using api::MetricVerdict;
using testing::HasSubstr;

api::ScalingPolicySpec chat_policy() { return a_policy().between(2, 20).cpu_band(70, 30, 60); }

// The band.

TEST(DecideBand, NothingHappensFromTheLowerToTheUpperEdgeInclusive) {
    for (const char* pods : {"30 30 30 30", "50 50 50 50", "70 70 70 70"}) {
        const auto decision = decide(chat_policy(), seen(4, pods));
        EXPECT_EQ(decision.replicas, 4) << pods;
        EXPECT_EQ(decision.reason, DecisionReason::WithinBand);
    }
}

TEST(DecideBand, AboveItGoesToWhereTheAimIsMet) {
    const auto decision = decide(chat_policy(), seen(4, "83 83 83 83"));
    EXPECT_EQ(decision.replicas, 6);  // 4 × 83 / 60 = 5.53
    EXPECT_EQ(decision.reason, DecisionReason::AboveThreshold);
    EXPECT_EQ(decision.message,
              "cpu is at 83 % of requests, above 70 %: 4 → 6 pods (aiming at 60 %)");
}

TEST(DecideBand, BelowItGoesToWhereTheAimIsMet) {
    const auto decision = decide(chat_policy(), seen(6, "20 20 20 20 20 20"));
    EXPECT_EQ(decision.replicas, 2);
    EXPECT_EQ(decision.reason, DecisionReason::BelowThreshold);
    EXPECT_EQ(decision.message,
              "cpu is at 20 % of requests, below 30 %: 6 → 2 pods (aiming at 60 %)");
}

TEST(DecideBand, OneStepOutsideActs) {
    EXPECT_EQ(decide(chat_policy(), seen(4, "71 71 71 71")).replicas, 5);  // 4.73
    EXPECT_EQ(decide(chat_policy(), seen(4, "29 29 29 29")).replicas, 2);  // 1.93
}

TEST(DecideBand, WholePercentsCount) {
    const auto decision = decide(chat_policy(), seen(4, "70 71 71 71"));
    EXPECT_EQ(decision.replicas, 4);  // 70.75 % is 70 %
    EXPECT_EQ(decision.reason, DecisionReason::WithinBand);
}

TEST(DecideBand, PodsThatAreNotReadyAreNotLoadAndDampTheWayUp) {
    const auto decision = decide(chat_policy(), seen(3, "100 100 100u"));
    EXPECT_EQ(decision.replicas, 3);  // 200 of 300 is 66 %: inside the band
    EXPECT_EQ(decision.reason, DecisionReason::AwaitingPods);
    EXPECT_THAT(decision.message, HasSubstr("1 pod not ready"));
}

TEST(DecideBand, APodWithoutSampleCountsAsBusyOnTheWayDown) {
    const auto decision = decide(chat_policy(), seen(3, "5 5 -"));
    EXPECT_EQ(decision.replicas, 3);  // 110 of 300 is 36 %
    EXPECT_THAT(decision.message, HasSubstr("1 pod without a fresh sample"));
}

// No data.

TEST(DecideWithoutData, AnErrorHolds) {
    auto observed = seen(4, "10 10 10 10");
    observed.metrics = {error("QueryFailed")};
    const auto decision = decide(chat_policy(), observed);
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.uncapped, 4);
    EXPECT_EQ(decision.reason, DecisionReason::MetricUnavailable);
    EXPECT_EQ(decision.limited_by, LimitedBy::MissingMetrics);
    EXPECT_EQ(decision.message, "cpu has no data: the query failed: 4 pods stay");
    EXPECT_EQ(decision.metrics[0].reason, "QueryFailed");
}

TEST(DecideWithoutData, AnEmptyResultIsNotZero) {
    auto observed = seen(4, "10 10 10 10");
    observed.metrics = {values({})};
    const auto decision = decide(a_policy().prometheus_average(1000), observed);
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.metrics[0].reason, "EmptyResult");
    EXPECT_EQ(decision.metrics[0].verdict, MetricVerdict::NoData);
}

TEST(DecideWithoutData, NoSamplesOfAnyPodHold) {
    const auto decision = decide(chat_policy(), seen(4, "- - - -"));
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.metrics[0].reason, "NoReadyPods");
}

/// Each pod gets a second container, which uses next to nothing.
void add_sidecars(api::Observation& observed) {
    for (api::CasePod& pod : observed.pods) {
        pod.containers.push_back({"sidecar", {{"cpu", api::Quantity::from_milli(1000)}}});
    }
    for (auto& pod : std::get<api::PodSamples>(observed.metrics[0]).pods) {
        pod.containers.push_back({"sidecar", api::Quantity::from_milli(50)});
    }
}

TEST(DecideWithoutData, APodThatIsMeasuredInPartIsNotMeasured) {
    auto policy = chat_policy();
    policy.behavior = api::ScalingBehavior{
        .scale_up = {}, .scale_down = api::ScalingRules{.stabilization_window_seconds = 0}};
    auto observed = seen(4, "90 90 90 90");
    add_sidecars(observed);
    ASSERT_EQ(decide(policy, observed).metrics[0].utilization_percent, 47);
    // The apps were killed for lack of memory: what is left of the samples are the sidecars.
    for (auto& pod : std::get<api::PodSamples>(observed.metrics[0]).pods) {
        pod.containers.erase(pod.containers.begin());
    }
    const auto decision = decide(policy, observed);
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.metrics[0].reason, "NoReadyPods");

    policy.compatibility = api::Compatibility::AutoscalingV2;
    EXPECT_LT(decide(policy, observed).replicas, 4);
}

TEST(DecideWithoutData, OnePodMeasuredInPartCountsAsBusyOnTheWayDown) {
    auto observed = seen(4, "20 20 20 20");
    add_sidecars(observed);
    auto& first = std::get<api::PodSamples>(observed.metrics[0]).pods[0];
    first.containers.erase(first.containers.begin());
    const auto decision = decide(chat_policy(), observed);
    EXPECT_EQ(decision.uncapped, 4);  // at (3 x 12 + 100) / 4 % the others are inside the band
}

TEST(DecideWithoutData, NoPodsHold) {
    const auto decision = decide(chat_policy(), seen(4, ""));
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.metrics[0].reason, "NoPods");
}

TEST(DecideWithoutData, StaleSamplesAreMissing) {
    EXPECT_EQ(decide(chat_policy(), seen(4, "5s 5s 5s 5s")).metrics[0].reason, "StaleSample");
    EXPECT_EQ(decide(chat_policy(), seen(4, "5s 5s 5s 5s")).replicas, 4);
    EXPECT_EQ(decide(chat_policy(), seen(4, "29 29 29 29s")).replicas, 4);  // 187 of 400: 46 %
}

TEST(DecideWithoutData, HpaKnowsNoStaleSamples) {
    const auto policy = a_policy().to_the_letter().utilization(50);
    EXPECT_EQ(decide(policy, seen(4, "25s 25s 25s 25s")).uncapped, 2);
}

TEST(DecideWithoutData, AStaleValueIsNoValue) {
    auto observed = seen(4, "");
    observed.metrics = {values({1000}, 60s)};
    EXPECT_EQ(decide(a_policy().prometheus_average(1000), observed).uncapped, 1);
    observed.metrics = {values({1000}, 61s)};
    const auto decision = decide(a_policy().prometheus_average(1000), observed);
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.metrics[0].reason, "StaleSample");
}

TEST(DecideWithoutData, AReadingThatIsNotThereHolds) {
    auto observed = seen(4, "90 90 90 90");
    observed.metrics.clear();
    EXPECT_EQ(decide(chat_policy(), observed).metrics[0].reason, "NotRead");
    observed.metrics = {values({5})};
    EXPECT_EQ(decide(chat_policy(), observed).metrics[0].reason, "WrongReading");
    EXPECT_EQ(decide(chat_policy(), observed).replicas, 4);
}

TEST(DecideWithoutData, ATargetOfZeroHolds) {
    EXPECT_EQ(decide(a_policy().utilization(0), seen(4, "9 9 9 9")).metrics[0].reason,
              "InvalidTarget");
}

TEST(DecideWithoutData, AMissingRequestIsNamed) {
    auto observed = seen(2, "80 80");
    observed.pods[1].containers[0].requests.clear();
    const auto decision = decide(chat_policy(), observed);
    EXPECT_EQ(decision.reason, DecisionReason::InvalidRequests);
    EXPECT_THAT(decision.message, HasSubstr("pod pod-10001 has a container without a cpu request"));
}

TEST(DecideWithoutData, AfterTheHoldTheFallbackRaises) {
    auto observed = seen(4, "");
    observed.metrics = {error()};
    const auto policy = a_policy().between(2, 20).cpu_band(70, 30, 60).fallback(6, 600).spec();
    EXPECT_EQ(decide(policy, observed).replicas, 4);
    observed.metrics_missing_since = kNow - 599s;
    EXPECT_EQ(decide(policy, observed).replicas, 4);
    observed.metrics_missing_since = kNow - 600s;
    const auto decision = decide(policy, observed);
    EXPECT_EQ(decision.replicas, 6);
    EXPECT_EQ(decision.reason, DecisionReason::FallbackReplicas);
    EXPECT_EQ(decision.limited_by, LimitedBy::MissingMetrics);
}

TEST(DecideWithoutData, TheFallbackNeverLowers) {
    auto observed = seen(8, "");
    observed.metrics = {error()};
    observed.metrics_missing_since = kNow - 1h;
    const auto policy = a_policy().between(2, 20).cpu_band(70, 30, 60).fallback(6, 600).spec();
    EXPECT_EQ(decide(policy, observed).replicas, 8);
    EXPECT_EQ(decide(policy, observed).reason, DecisionReason::MetricUnavailable);
}

TEST(DecideWithoutData, TheFallbackNeverGoesBelowTheDemandOfAHealthyMetric) {
    auto observed = seen(4, "");
    observed.metrics = {error(), values({8000})};
    observed.metrics_missing_since = kNow - 1h;
    const auto policy =
        a_policy().between(2, 20).cpu_band(70, 30, 60).prometheus_average(1000).fallback(6, 600);
    EXPECT_EQ(decide(policy, observed).replicas, 8);
}

// Where ours is right and HPA is not.

TEST(DecideOurs, ASurgeIsNotCopiedIntoTheSpec) {
    auto observed = seen(4, "");
    observed.replicas = {4, 6};
    observed.metrics = {values({6200})};
    EXPECT_EQ(decide(a_policy().external_average(1000), observed).uncapped, 4);
    EXPECT_EQ(decide(a_policy().to_the_letter().external_average(1000), observed).uncapped, 6);
}

TEST(DecideOurs, AValueAboveItsTargetNeverScalesDown) {
    auto observed = seen(3, "r n n");
    observed.metrics = {values({7000})};
    EXPECT_EQ(decide(a_policy().external_value(4000), observed).uncapped, 3);
    EXPECT_EQ(decide(a_policy().to_the_letter().external_value(4000), observed).uncapped, 2);
}

TEST(DecideOurs, OverloadNeverScalesDownBecausePodsAreNotThereYet) {
    EXPECT_EQ(decide(a_policy().utilization(50), seen(5, "80 80")).uncapped, 5);
    EXPECT_EQ(decide(a_policy().to_the_letter().utilization(50), seen(5, "80 80")).uncapped, 4);
}

TEST(DecideOurs, IdlePodsOfARolloutNeverScaleUp) {
    const char* surge = "40 40 40 40 40 40 40 40";
    EXPECT_EQ(decide(a_policy().utilization(50), seen(5, surge)).uncapped, 5);
    EXPECT_EQ(decide(a_policy().to_the_letter().utilization(50), seen(5, surge)).uncapped, 7);
}

TEST(DecideOurs, PercentagesAreExact) {
    const std::vector<api::RatePolicy> tenth{percent_per(10, 60)};
    auto policy = a_policy().scale_up({.stabilization_window_seconds = {},
                                       .select_policy = {},
                                       .policies = tenth,
                                       .tolerance = {}});
    EXPECT_EQ(decide(policy, proposed(100, 200)).replicas, 110);
    EXPECT_EQ(decide(policy.to_the_letter(), proposed(100, 200)).replicas, 111);
}

// The record.

TEST(DecideRecord, EachMetricTellsWhatItMeasured) {
    auto observed = seen(2, "80 90");
    std::get<api::PodSamples>(observed.metrics[0]).pods[0].timestamp = kNow - 12s;
    const auto metric = decide(chat_policy(), observed).metrics.at(0);
    EXPECT_EQ(metric.name, "cpu");
    EXPECT_EQ(metric.utilization_percent, 85);
    EXPECT_EQ(metric.value, api::Quantity::from_milli(850));
    EXPECT_EQ(metric.age_seconds, 12);
    EXPECT_EQ(metric.proposal, 3);  // 2 × 85 / 60 = 2.83
    EXPECT_EQ(metric.verdict, MetricVerdict::ScaleUp);
}

TEST(DecideRecord, TheMessageTellsWhatCutIt) {
    const auto policy = a_policy().between(2, 5).cpu_band(70, 30, 60).spec();
    const auto decision = decide(policy, seen(4, "100 100 100 100"));
    EXPECT_EQ(decision.replicas, 5);
    EXPECT_EQ(decision.uncapped, 7);
    EXPECT_EQ(decision.reason, DecisionReason::AtMaximum);
    EXPECT_EQ(decision.message,
              "cpu is at 100 % of requests, above 70 %: 4 → 7 pods (aiming at 60 %); cut at "
              "maxReplicas (5) at 5");
}

TEST(DecideRecord, AHeldScaleDownSaysForHowLong) {
    auto observed = seen(6, "20 20 20 20 20 20");
    observed.history.recommendations = {{kNow - 100s, 6}};
    const auto decision = decide(chat_policy(), observed);
    EXPECT_EQ(decision.replicas, 6);
    EXPECT_EQ(decision.reason, DecisionReason::Stabilizing);
    EXPECT_THAT(decision.message, HasSubstr("held by the scale-down window of 300 s"));
}

TEST(DecideRecord, ToleranceOfTheBehaviorGoesFirst) {
    const auto policy =
        a_policy().utilization(50).scale_up({.stabilization_window_seconds = {},
                                             .select_policy = {},
                                             .policies = {},
                                             .tolerance = api::Quantity::from_milli(400)});
    EXPECT_EQ(decide(policy, seen(2, "70 70")).uncapped, 2);
    EXPECT_EQ(decide(policy, seen(2, "71 71")).uncapped, 3);
    EXPECT_EQ(decide(policy, seen(10, "44 44 44 44 44 44 44 44 44 44")).uncapped, 9);
}

}  // namespace
}  // namespace chatflow::scaling::test
