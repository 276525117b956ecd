#include "controller/domain/scaling/history.hpp"

#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <gtest/gtest.h>

namespace chatflow::scaling::test {
namespace {

using api::ScalingHistory;

ScalingHistory recommended(std::int32_t replicas, std::chrono::seconds ago) {
    return {.recommendations = {{kNow - ago, replicas}}};
}

/// What is decided `now` for 10 pods of which two would do, with that history.
api::Decision at_low_load(const api::ScalingPolicySpec& policy, ScalingHistory history,
                          TimePoint now) {
    auto observation = proposed(10, 2);
    observation.now = now;
    observation.history = std::move(history);
    return decide(policy, observation);
}

TEST(StartingHistory, TakesWhatExistsForRecommendedWhereThereIsNothing) {
    EXPECT_EQ(starting_history({}, 7, kNow).recommendations,
              (std::vector<api::Recommendation>{{kNow, 7}}));
    EXPECT_EQ(starting_history(recommended(3, 15s), 7, kNow), recommended(3, 15s));
}

TEST(ClockStep, IsWhatTheSteadyClockDidNotSee) {
    EXPECT_EQ(clock_step(115s, 15s), 100s);
    EXPECT_EQ(clock_step(-85s, 15s), -100s);
    EXPECT_EQ(clock_step(15s + 900ms, 15s), 0s);
}

TEST(ClockStep, EndsNoWindowEarlyAndMakesNoneLonger) {
    const api::ScalingPolicySpec policy = a_policy();
    for (const auto step : {100s, 4000s, -100s, -4000s}) {
        const auto history = after_clock_step(recommended(8, 60s), step);
        const TimePoint now = kNow + step;
        EXPECT_EQ(at_low_load(policy, history, now).replicas, 8) << step.count();
        EXPECT_EQ(at_low_load(policy, history, now + 239s).replicas, 8) << step.count();
        EXPECT_EQ(at_low_load(policy, history, now + 240s).replicas, 2) << step.count();
    }
    // What the clock says alone would have ended it.
    EXPECT_EQ(at_low_load(policy, recommended(8, 60s), kNow + 4000s).replicas, 2);
}

TEST(ClockStep, MovesEveryMomentButThatOfARequest) {
    ScalingHistory history{.recommendations = {{kNow, 8}},
                           .scale_up_events = {{kNow, 1}},
                           .scale_down_events = {{kNow, 2}},
                           .direction_changes = {{kNow, api::ScaleDirection::Up}},
                           .idle_since = kNow,
                           .zeroed_at = kNow,
                           .rebalanced_at = kNow,
                           .drained_at = kNow};
    const auto moved = after_clock_step(history, 100s);
    for (const TimePoint at :
         {moved.recommendations[0].at, moved.scale_up_events[0].at, moved.scale_down_events[0].at,
          moved.direction_changes[0].at, *moved.idle_since, *moved.zeroed_at, *moved.drained_at}) {
        EXPECT_EQ(at, kNow + 100s);
    }
    EXPECT_EQ(moved.rebalanced_at, kNow);
}

TEST(ResumedHistory, AfterALongSilenceHoldsWhatExistsForAWholeWindow) {
    const api::ScalingPolicySpec policy = a_policy();
    const auto history = resumed_history(recommended(2, 3min), policy, kNow - 3min, 10, kNow);
    EXPECT_EQ(at_low_load(policy, history, kNow).replicas, 10);
    EXPECT_EQ(at_low_load(policy, history, kNow + 299s).replicas, 10);
    EXPECT_EQ(at_low_load(policy, history, kNow + 300s).replicas, 2);
    // What was there would have let it go at once.
    EXPECT_EQ(at_low_load(policy, recommended(2, 3min), kNow).replicas, 2);
}

TEST(ResumedHistory, AfterAShortSilenceHoldsTheLastRecommendationForAWholeWindow) {
    const api::ScalingPolicySpec policy = a_policy();
    const auto history = resumed_history(recommended(8, 60s), policy, kNow - 60s, 10, kNow);
    EXPECT_EQ(at_low_load(policy, history, kNow).replicas, 8);
    EXPECT_EQ(at_low_load(policy, history, kNow + 299s).replicas, 8);
    EXPECT_EQ(at_low_load(policy, history, kNow + 300s).replicas, 2);
}

TEST(ResumedHistory, ForgetsNothingOfTheWindow) {
    const api::ScalingPolicySpec policy = a_policy();
    ScalingHistory written{.recommendations = {{kNow - 4min, 9}, {kNow - 60s, 4}}};
    const auto history = resumed_history(written, policy, kNow - 60s, 10, kNow);
    EXPECT_EQ(at_low_load(policy, history, kNow).replicas, 9);
    EXPECT_EQ(at_low_load(policy, history, kNow + 1min).replicas, 4);
}

TEST(ResumedHistory, WithoutADecisionHoldsWhatExists) {
    EXPECT_EQ(resumed_history(recommended(2, 10s), a_policy(), std::nullopt, 10, kNow)
                  .recommendations.back(),
              (api::Recommendation{kNow, 10}));
    EXPECT_EQ(resumed_history({}, a_policy(), kNow - 10s, 10, kNow).recommendations.back(),
              (api::Recommendation{kNow, 10}));
}

TEST(WithUntoldChange, CountsWhatALeaderDidBeforeItDied) {
    EXPECT_EQ(with_untold_change({}, a_policy(), 5, 9, kNow).scale_up_events,
              (std::vector<api::ScaleEvent>{{kNow, 4}}));
    EXPECT_EQ(with_untold_change({}, a_policy(), 9, 5, kNow).scale_down_events,
              (std::vector<api::ScaleEvent>{{kNow, 4}}));
    EXPECT_EQ(with_untold_change({}, a_policy(), 5, 5, kNow), ScalingHistory{});

    auto spec = a_policy().spec();
    spec.drain = api::DrainSpec{.query = "sessions"};
    EXPECT_EQ(with_untold_change({}, spec, 5, 9, kNow).drained_at, std::nullopt);
    EXPECT_EQ(with_untold_change({}, spec, 9, 5, kNow).drained_at, kNow);

    auto observed = proposed(9, 40);  // 5 → 9 is all that 4 pods or 100 % per 15 s allow from 5
    observed.history = with_untold_change({}, a_policy(), 5, 9, kNow - 1s);
    EXPECT_EQ(decide(a_policy(), observed).replicas, 10);
    EXPECT_EQ(decide(a_policy(), proposed(9, 40)).replicas, 18);
}

TEST(LongestSilence, GrowsWithThePeriod) {
    api::ScalingPolicySpec policy = a_policy();
    policy.evaluation_period_seconds = 15;
    EXPECT_EQ(longest_silence(policy), 120s);
    policy.evaluation_period_seconds = 600;
    EXPECT_GT(longest_silence(policy), 1200s);
}

api::Decision after(std::int32_t current, std::int32_t wanted, const api::ScalingPolicySpec& policy,
                    api::Observation& observation) {
    observation = proposed(current, wanted);
    return decide(policy, observation);
}

TEST(Advance, RemembersAChangeOnlyWhenItWasMade) {
    const api::ScalingPolicySpec policy = a_policy();
    api::Observation observation;
    const auto decision = after(4, 7, policy, observation);
    ASSERT_EQ(decision.replicas, 7);
    const auto made = advance({}, policy, observation, decision, Applied::Yes);
    EXPECT_EQ(made.scale_up_events, (std::vector<api::ScaleEvent>{{observation.now, 3}}));
    EXPECT_EQ(made.recommendations, (std::vector<api::Recommendation>{{observation.now, 7}}));
    const auto only_decided = advance({}, policy, observation, decision, Applied::No);
    EXPECT_TRUE(only_decided.scale_up_events.empty());
    EXPECT_EQ(only_decided.recommendations, made.recommendations);
}

TEST(Advance, KeepsOnlyWhatMayStillHoldBack) {
    const api::ScalingPolicySpec policy = a_policy();
    api::Observation observation;
    const auto decision = after(5, 5, policy, observation);
    const ScalingHistory history{
        .recommendations = {{kNow - 400s, 9}, {kNow - 200s, 3}, {kNow - 100s, 6}, {kNow - 50s, 4}}};
    const auto next = advance(history, policy, observation, decision, Applied::No);
    EXPECT_EQ(next.recommendations,
              (std::vector<api::Recommendation>{{kNow - 100s, 6}, {kNow, 5}}));
}

TEST(Advance, StaysWithinItsBoundThroughHoursOfChange) {
    const api::ScalingPolicySpec policy =
        a_policy().scale_down({.stabilization_window_seconds = 3600});
    ScalingHistory history;
    for (int step = 0; step < 2000; ++step) {
        auto observation = proposed(100 + step % 7, 2000 - step);
        observation.now = kNow + std::chrono::seconds{step};
        observation.history = history;
        const auto decision = decide(policy, observation);
        history = advance(history, policy, observation, decision, Applied::Yes);
        ASSERT_LE(history.recommendations.size(), kRecommendationsMax);
        ASSERT_LE(history.scale_up_events.size(), kScaleEventsMax);
        ASSERT_LE(history.scale_down_events.size(), kScaleEventsMax);
    }
    EXPECT_GT(history.recommendations.size(), 2U);
}

}  // namespace
}  // namespace chatflow::scaling::test
