#include "controller/domain/prediction/floor.hpp"

#include "controller/domain/prediction/load_query.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <algorithm>
#include <iterator>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::prediction {
namespace {

using namespace std::chrono_literals;
using api::DecisionReason;
using api::PredictionMode;
using api::PredictionState;
using scaling::decide;
using scaling::test::a_policy;
using scaling::test::kNow;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

api::ScalingPolicySpec predictive(PredictionMode mode = PredictionMode::Enforce) {
    api::ScalingPolicySpec spec = a_policy().between(1, 100).cpu_band(70, 30, 60);
    spec.prediction = api::PredictionSpec{.mode = mode};
    return spec;
}

/// Pods that request 1 CPU each, at 50 %.
api::Observation expecting(std::int64_t milli, PredictionState state = PredictionState::Trusted) {
    api::Observation seen = scaling::test::seen(4, "50 50 50 50");
    api::Forecast forecast;
    forecast.state = state;
    forecast.slot = kNow;
    forecast.slot_seconds = 300;
    forecast.bound = api::Quantity::from_milli(milli);
    seen.forecast = forecast;
    return seen;
}

TEST(PredictedReplicas, CarryTheBoundWithoutScalingUp) {
    EXPECT_EQ(predicted_replicas(predictive(), expecting(7'000)), 10);
    EXPECT_EQ(predicted_replicas(predictive(), expecting(7'001)), 11);
    EXPECT_EQ(predicted_replicas(predictive(), expecting(0)), 0);
}

TEST(PredictedReplicas, KnowTargetsAndTheirTolerance) {
    api::ScalingPolicySpec spec = a_policy().utilization(50);
    spec.prediction.emplace();
    EXPECT_EQ(predicted_replicas(spec, expecting(5'500)), 10);
    spec = a_policy().prometheus_average(1000);
    spec.prediction.emplace();
    EXPECT_EQ(predicted_replicas(spec, expecting(11'000)), 10);
}

TEST(PredictedReplicas, AreNothingWithoutTrustOrAboutThePast) {
    EXPECT_FALSE(predicted_replicas(predictive(), expecting(7'000, PredictionState::Shadow)));
    EXPECT_FALSE(predicted_replicas(predictive(), expecting(7'000, PredictionState::Learning)));
    api::Observation late = expecting(7'000);
    late.forecast->slot = kNow - 300s;
    EXPECT_FALSE(predicted_replicas(predictive(), late));
}

TEST(PredictedReplicas, AreNothingWhereNobodyTellsARequest) {
    api::Observation seen = expecting(7'000);
    seen.pods.front().containers.front().requests.clear();
    EXPECT_FALSE(predicted_replicas(predictive(), seen));
    seen.pods.clear();
    EXPECT_FALSE(predicted_replicas(predictive(), seen));
}

TEST(DecideWithForecast, ScalesUpAheadOfTheLoad) {
    const api::Decision decision = decide(predictive(), expecting(4'200));
    EXPECT_EQ(decision.replicas, 6);
    EXPECT_EQ(decision.uncapped, 6);
    EXPECT_EQ(decision.predicted, 6);
    EXPECT_EQ(decision.reason, DecisionReason::PredictedLoad);
    EXPECT_THAT(decision.message,
                HasSubstr("a load of at most 4200m is expected at 12:00: 6 pods"));
}

TEST(DecideWithForecast, NeverLowers) {
    const api::Decision decision = decide(predictive(), expecting(100));
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.reason, DecisionReason::WithinBand);
}

TEST(DecideWithForecast, KeepsWhatIsNeededSoon) {
    api::Observation seen = expecting(2'800);
    seen.metrics = scaling::test::seen(4, "10 10 10 10").metrics;
    EXPECT_EQ(decide(predictive(), seen).replicas, 4);
    EXPECT_EQ(decide(predictive(), seen).reason, DecisionReason::PredictedLoad);
    seen.forecast.reset();
    EXPECT_EQ(decide(predictive(), seen).replicas, 1);
}

TEST(DecideWithForecast, StaysWithinTheBounds) {
    api::ScalingPolicySpec spec = predictive();
    spec.max_replicas = 5;
    const api::Decision decision = decide(spec, expecting(70'000));
    EXPECT_EQ(decision.replicas, 5);
    EXPECT_EQ(decision.reason, DecisionReason::AtMaximum);
}

TEST(DecideWithForecast, OnlyTellsInModeObserve) {
    const api::Decision decision = decide(predictive(PredictionMode::Observe), expecting(4'200));
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.predicted, 6);
    EXPECT_THAT(decision.message, Not(HasSubstr("expected")));
}

TEST(DecideWithForecast, HoldsWithoutMetricsWhateverIsExpected) {
    api::Observation seen = expecting(70'000);
    seen.metrics = {scaling::test::error()};
    EXPECT_EQ(decide(predictive(), seen).replicas, 4);
    EXPECT_EQ(decide(predictive(), seen).reason, DecisionReason::MetricUnavailable);
}

TEST(LoadQuery, AsksForThePodsOfTheTargetUpToTheLastWholeSlot) {
    api::ScalingPolicySpec spec = predictive();
    spec.target_ref.name = "chat-server";
    const auto query = load_query({"chat", "policy"}, spec, kNow + 299s);
    ASSERT_TRUE(query);
    EXPECT_THAT(query->expression, HasSubstr(R"(namespace="chat",pod=~"chat-server-.+")"));
    EXPECT_FALSE(query->server);
    EXPECT_THAT(query->expression, HasSubstr("[300s]"));
    EXPECT_EQ(query->last, kNow);
    EXPECT_EQ((query->last - query->first) / query->step + 1, 15 * 288);
}

/// The pods among these that the query for a target of that kind counts.
std::vector<std::string> counted(const std::string& kind, const std::string& name,
                                 const std::vector<std::string>& pods) {
    api::ScalingPolicySpec spec = predictive();
    spec.target_ref = {"apps/v1", kind, name};
    const std::string text = load_query({"chat", "policy"}, spec, kNow)->expression;
    const auto begin = text.find("pod=~\"") + 6;
    const std::regex pattern(text.substr(begin, text.find('"', begin) - begin));
    std::vector<std::string> found;
    std::ranges::copy_if(pods, std::back_inserter(found),
                         [&](const auto& pod) { return std::regex_match(pod, pattern); });
    return found;
}

TEST(LoadQuery, CountsThePodsOfTheTargetAndNotItsNeighbours) {
    const std::vector<std::string> pods = {
        "chat-7d9c6b5f4-x2vbn", "chat-server-7d9c6b5f4-x2vbn", "chat-0", "chat-12", "chat-server-0",
        "chat-server-x2vbn",    "chatter-7d9c6b5f4-x2vbn"};
    EXPECT_THAT(counted("Deployment", "chat", pods), ElementsAre("chat-7d9c6b5f4-x2vbn"));
    EXPECT_THAT(counted("StatefulSet", "chat", pods), ElementsAre("chat-0", "chat-12"));
    EXPECT_EQ(counted("Rollout", "chat", pods).size(), 6U);
    const std::string name(55, 'a');
    EXPECT_EQ(counted("Deployment", name, {name + "-7dx2vbn"}).size(), 1U);
    EXPECT_THAT(counted("StatefulSet", "a.b", {"a.b-0", "a-b-0"}), ElementsAre("a.b-0"));
}

TEST(LoadQuery, AsksTheServerOfTheMetric) {
    api::ScalingPolicySpec spec = a_policy().prometheus_average(1000);
    spec.prediction.emplace();
    spec.metrics[0].prometheus->server = api::PrometheusServer{.url = "https://team-a:9090"};
    const auto query = load_query({"chat", "policy"}, spec, kNow);
    ASSERT_TRUE(query && query->server);
    EXPECT_EQ(query->server->url, "https://team-a:9090");
    EXPECT_EQ(query->expression, "sum(depth)");
}

TEST(LoadQuery, TakesTheGivenOneAndIsNothingWhereNoneCanBeMade) {
    api::ScalingPolicySpec spec = predictive();
    spec.prediction->query = "sum(x)";
    EXPECT_EQ(load_query({"chat", "policy"}, spec, kNow)->expression, "sum(x)");
    spec = a_policy().pods_average(100);
    spec.prediction.emplace();
    EXPECT_FALSE(load_query({"chat", "policy"}, spec, kNow));
}

TEST(LoadQuery, AsksForNoMoreThanPrometheusGives) {
    api::ScalingPolicySpec spec = predictive();
    spec.prediction->period_seconds = 3600;
    spec.prediction->history_days = 30;
    const auto query = load_query({"chat", "policy"}, spec, kNow);
    EXPECT_EQ((query->last - query->first) / query->step + 1, 10'000);
}

}  // namespace
}  // namespace chatflow::prediction
