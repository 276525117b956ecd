#include "controller/domain/scaling/history.hpp"
#include "controller/domain/scaling/limits.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <gmock/gmock.h>

namespace chatflow::scaling::test {
namespace {

using api::DecisionReason;
using api::LimitedBy;
using testing::HasSubstr;

// To and from 0: a queue of which one pod carries 10, awake above 2, and a grace period of 300 s.

api::ScalingPolicySpec queue_policy() {
    auto spec = a_policy().between(0, 20).prometheus_average(10'000).spec();
    spec.metrics[0].prometheus->activation_threshold = api::Quantity::from_units(2);
    spec.behavior = api::ScalingBehavior{
        .scale_up = {}, .scale_down = api::ScalingRules{.stabilization_window_seconds = 0}};
    return spec;
}

api::Observation queue_of(std::int64_t jobs, std::int32_t replicas,
                          std::optional<TimePoint> idle_since = {}) {
    auto observed = seen(replicas, "");
    observed.metrics = {values({jobs * 1000})};
    observed.history.idle_since = idle_since;
    return observed;
}

TEST(ScaleToZero, TheFirstPodComesAboveTheActivationThreshold) {
    EXPECT_EQ(decide(queue_policy(), queue_of(2, 0)).replicas, 0);
    EXPECT_EQ(decide(queue_policy(), queue_of(2, 0)).reason, DecisionReason::ScaledToZero);
    EXPECT_EQ(decide(queue_policy(), queue_of(3, 0)).replicas, 1);
    EXPECT_EQ(decide(queue_policy(), queue_of(31, 0)).replicas, 4);
}

TEST(ScaleToZero, WithoutAThresholdAnyWorkIsEnough) {
    auto spec = queue_policy();
    spec.metrics[0].prometheus->activation_threshold.reset();
    auto observed = queue_of(0, 0);
    EXPECT_EQ(decide(spec, observed).replicas, 0);
    observed.metrics = {values({1})};
    EXPECT_EQ(decide(spec, observed).replicas, 1);
}

TEST(ScaleToZero, TheLastPodGoesAfterTheGracePeriod) {
    const auto waiting = decide(queue_policy(), queue_of(0, 1, kNow - 299s));
    EXPECT_EQ(waiting.replicas, 1);
    EXPECT_EQ(waiting.reason, DecisionReason::GracePeriod);
    EXPECT_EQ(waiting.limited_by, LimitedBy::GracePeriod);
    EXPECT_THAT(waiting.message, HasSubstr("not above its activation threshold of 2: idle; held by "
                                           "the grace period of 300 s at 1"));
    const auto gone = decide(queue_policy(), queue_of(0, 1, kNow - 300s));
    EXPECT_EQ(gone.replicas, 0);
    EXPECT_EQ(gone.reason, DecisionReason::ScaledToZero);
}

TEST(ScaleToZero, MoreThanOnePodGoDownToOneMeanwhile) {
    EXPECT_EQ(decide(queue_policy(), queue_of(0, 5)).replicas, 1);
    EXPECT_EQ(decide(queue_policy(), queue_of(0, 5, kNow - 300s)).replicas, 0);
}

TEST(ScaleToZero, BelowTheTargetButAwakeOnePodStays) {
    EXPECT_EQ(decide(queue_policy(), queue_of(3, 1, kNow - 1h)).replicas, 1);
}

TEST(ScaleToZero, IdleBeginsWithTheFirstIdleDecisionAndEndsWithWork) {
    const auto spec = queue_policy();
    const auto after = [&spec](const api::Observation& observed) {
        return advance(observed.history, spec, observed, decide(spec, observed), Applied::No);
    };
    EXPECT_EQ(after(queue_of(0, 1)).idle_since, kNow);
    EXPECT_EQ(after(queue_of(0, 1, kNow - 100s)).idle_since, kNow - 100s);
    EXPECT_EQ(after(queue_of(9, 1, kNow - 100s)).idle_since, std::nullopt);
    auto silent = queue_of(0, 1, kNow - 100s);
    silent.metrics = {error()};
    EXPECT_EQ(after(silent).idle_since, std::nullopt) << "there may have been work";
}

TEST(ScaleToZero, NoDataNeitherStartsNorEndsAnything) {
    for (std::int32_t replicas : {0, 1, 3}) {
        auto observed = queue_of(0, replicas, kNow - 1h);
        observed.metrics = {error()};
        EXPECT_EQ(decide(queue_policy(), observed).replicas, replicas);
    }
}

api::ScalingPolicySpec cpu_and_queue() {
    auto spec = queue_policy();
    spec.metrics.insert(spec.metrics.begin(),
                        a_policy().cpu_band(70, 30, 60).spec().metrics.front());
    return spec;
}

TEST(ScaleToZero, CpuAtZeroPodsIsNothingMissing) {
    auto observed = queue_of(0, 0);
    observed.metrics.insert(observed.metrics.begin(), api::PodSamples{});
    const auto decision = decide(cpu_and_queue(), observed);
    EXPECT_EQ(decision.replicas, 0);
    EXPECT_EQ(decision.reason, DecisionReason::ScaledToZero);
    EXPECT_FALSE(decision.error);
    EXPECT_EQ(decision.metrics[0].verdict, api::MetricVerdict::Hold);
}

TEST(ScaleToZero, TheLittleCpuOfAnIdlePodDoesNotKeepIt) {
    auto observed = seen(1, "2");
    observed.metrics.push_back(values({0}));
    observed.history.idle_since = kNow - 300s;
    EXPECT_EQ(decide(cpu_and_queue(), observed).replicas, 0);
}

TEST(ScaleToZero, PodsThatAreBusyStayAlthoughTheQueueIsEmpty) {
    auto observed = seen(4, "65 65 65 65");
    observed.metrics.push_back(values({0}));
    observed.history.idle_since = kNow - 1h;
    EXPECT_EQ(decide(cpu_and_queue(), observed).replicas, 4);
}

TEST(ScaleToZero, HpaKnowsNoActivation) {
    auto spec = queue_policy();
    spec.compatibility = api::Compatibility::AutoscalingV2;
    EXPECT_EQ(decide(spec, queue_of(1, 0)).replicas, 1);
}

TEST(ScaleToZero, ByHandStaysAtZeroOnlyWhereTheLowerBoundIsNotZero) {
    EXPECT_EQ(decide(queue_policy(), queue_of(9, 0)).replicas, 1);
    auto spec = queue_policy();
    spec.min_replicas = 1;
    EXPECT_EQ(decide(spec, queue_of(9, 0)).reason, DecisionReason::ScalingDisabled);
}

// The flap budget: 2 turns an hour.

api::ScalingPolicySpec budgeted() {
    auto spec = a_policy().between(1, 20).cpu_band(70, 30, 60).spec();
    spec.behavior = api::ScalingBehavior{
        .scale_up = {}, .scale_down = api::ScalingRules{.stabilization_window_seconds = 0}};
    spec.flap_budget = api::FlapBudget{2, 3600};
    return spec;
}

api::ScalingHistory turned(std::vector<std::chrono::seconds> ago, api::ScaleDirection last) {
    api::ScalingHistory history{.direction = last};
    for (const auto seconds : ago) history.direction_changes.push_back({kNow - seconds, last});
    return history;
}

TEST(FlapBudget, ASpentBudgetHoldsTheScaleDown) {
    auto observed = seen(4, "10 10 10 10");
    observed.history = turned({3599s, 100s}, api::ScaleDirection::Up);
    const auto decision = decide(budgeted(), observed);
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.reason, DecisionReason::FlapBudgetSpent);
    EXPECT_EQ(decision.uncapped, 1);
    EXPECT_THAT(decision.message,
                HasSubstr("held by the flap budget of 2 direction changes per 3600 s at 4"));
}

TEST(FlapBudget, IsFullAgainWhenItsPeriodIsOver) {
    auto observed = seen(4, "10 10 10 10");
    observed.history = turned({3600s, 100s}, api::ScaleDirection::Up);
    EXPECT_EQ(decide(budgeted(), observed).replicas, 1);
}

TEST(FlapBudget, NeverHoldsAScaleUp) {
    auto observed = seen(4, "90 90 90 90");
    observed.history = turned({300s, 200s, 100s}, api::ScaleDirection::Down);
    EXPECT_EQ(decide(budgeted(), observed).replicas, 6);
}

TEST(FlapBudget, GoingOnDownIsNoTurn) {
    auto observed = seen(4, "10 10 10 10");
    observed.history = turned({300s, 200s, 100s}, api::ScaleDirection::Down);
    EXPECT_EQ(decide(budgeted(), observed).replicas, 1);
}

TEST(FlapBudget, ASawToothTurnsNoMoreThanAllowed) {
    const auto spec = budgeted();
    api::ScalingHistory history;
    std::int32_t replicas = 4;
    std::vector<TimePoint> downs;
    std::int32_t last = 0;
    for (int step = 0; step < 240; ++step) {  // a load that swings every 2 minutes, for an hour
        auto observed = proposed(replicas, step / 8 % 2 == 0 ? 8 : 2);
        observed.now = kNow + step * 15s;
        observed.history = history;
        const auto decision = decide(spec, observed);
        const std::int32_t change = decision.replicas - replicas;
        if (change < 0 && last > 0) downs.push_back(observed.now);
        if (change != 0) last = change;
        history = advance(history, spec, observed, decision, Applied::Yes);
        replicas = decision.replicas;
    }
    EXPECT_EQ(downs.size(), 1U) << "up, down, up again: the third turn would be down";
    EXPECT_EQ(replicas, 8);
    EXPECT_EQ(recent_turns(spec, history, kNow + 1h), 2);
}

TEST(FlapBudget, CountsTurnsAlsoWithoutABudget) {
    const api::ScalingPolicySpec spec = a_policy().scale_down({.stabilization_window_seconds = 0});
    api::ScalingHistory history;
    std::int32_t replicas = 4;
    for (int step = 0; step < 200; ++step) {
        auto observed = proposed(replicas, step % 2 == 0 ? 6 : 4);
        observed.now = kNow + step * 15s;
        const auto decision = decide(spec, observed);
        history = advance(history, spec, observed, decision, Applied::Yes);
        replicas = decision.replicas;
        ASSERT_LE(history.direction_changes.size(), 32U);
    }
    EXPECT_EQ(history.direction_changes.size(), 32U);
}

}  // namespace
}  // namespace chatflow::scaling::test
