#include "tests/unit/controller/domain/scaling/generator.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

// What holds for every case, tried on generated ones. The seed is fixed: a failure repeats.

namespace chatflow::scaling::test {
namespace {

constexpr int kCases = 400;

TEST(EveryDecision, StaysInsideTheBounds) {
    Generator generate(1);
    for (int i = 0; i < kCases; ++i) {
        const auto policy = generate.policy();
        const auto observed = generate.observation();
        const auto decision = decide(policy, observed);
        if (decision.reason == api::DecisionReason::ScalingDisabled) {
            EXPECT_EQ(decision.replicas, 0);
            continue;
        }
        EXPECT_GE(decision.replicas, policy.min_replicas) << "case " << i;
        EXPECT_LE(decision.replicas, policy.max_replicas) << "case " << i;
    }
}

struct Case {
    api::ScalingPolicySpec spec;
    api::Observation observed;
};

/// With all that a policy may have: several metrics, controls, circumstances, a forecast.
Case with_everything(Generator& generate) {
    Case one{generate.policy(), generate.observation()};
    generate.add_controls(one.spec);
    while (generate.one_in(2)) generate.add_value_metric(one.spec, one.observed);
    generate.add_circumstances(one.observed);
    if (generate.one_in(3)) generate.add_forecast(one.spec, one.observed);
    return one;
}

TEST(EveryDecision, WhateverAPolicyHasMovesNotAwayFromTheBoundsInForce) {
    Generator generate(21);
    for (int i = 0; i < 5 * kCases; ++i) {
        auto [spec, observed] = with_everything(generate);
        if (generate.one_in(3)) generate.add_drain(spec, observed);
        const auto decision = decide(spec, observed);
        auto bounds =
            decision.bounds.value_or(api::ReplicaBounds{spec.min_replicas, spec.max_replicas});
        if (decision.reason == api::DecisionReason::Overridden) bounds = {0, spec.max_replicas};
        if (decision.reason == api::DecisionReason::ScalingDisabled) bounds.min = 0;
        const std::int32_t current = observed.replicas.spec;
        EXPECT_GE(decision.replicas, std::min(current, bounds.min)) << "case " << i;
        EXPECT_LE(decision.replicas, std::max(current, bounds.max)) << "case " << i;
    }
}

TEST(EveryDecision, ADrainDelaysAScaleDownAndNothingElse) {
    Generator generate(22);
    int delayed = 0;
    for (int i = 0; i < 5 * kCases; ++i) {
        auto [spec, observed] = with_everything(generate);
        generate.add_drain(spec, observed);
        auto without = spec;
        without.drain.reset();
        const std::int32_t current = observed.replicas.spec;
        const std::int32_t wanted = decide(without, observed).replicas;
        const std::int32_t set = decide(spec, observed).replicas;
        if (wanted >= current) {
            EXPECT_EQ(set, wanted) << "case " << i;
        } else {
            EXPECT_GE(set, wanted) << "case " << i;
            EXPECT_LE(set, current) << "case " << i;
        }
        delayed += set != wanted ? 1 : 0;
    }
    EXPECT_GT(delayed, kCases / 10);
}

TEST(EveryDecision, WhateverAPolicyHasDoesNotDependOnTheOrderOfWhatWasSeen) {
    Generator generate(23);
    for (int i = 0; i < 2 * kCases; ++i) {
        auto [spec, observed] = with_everything(generate);
        generate.add_drain(spec, observed);
        auto shuffled = observed;
        std::ranges::shuffle(shuffled.pods, generate.random());
        std::ranges::shuffle(shuffled.draining, generate.random());
        std::ranges::shuffle(std::get<api::PodSamples>(shuffled.metrics[0]).pods,
                             generate.random());
        std::ranges::shuffle(shuffled.history.recommendations, generate.random());
        std::ranges::shuffle(shuffled.history.scale_up_events, generate.random());
        std::ranges::shuffle(shuffled.history.scale_down_events, generate.random());
        std::ranges::shuffle(shuffled.history.direction_changes, generate.random());
        const auto decision = decide(spec, observed);
        EXPECT_EQ(decision, decide(spec, shuffled)) << "case " << i << ": " << decision.message;
    }
}

TEST(EveryDecision, OfEqualInputsIsEqual) {
    Generator generate(2);
    for (int i = 0; i < kCases; ++i) {
        const auto policy = generate.policy();
        const auto observed = generate.observation();
        EXPECT_EQ(decide(policy, observed), decide(policy, api::Observation{observed}));
    }
}

TEST(EveryDecision, DoesNotDependOnTheOrderOfPodsSamplesAndHistory) {
    Generator generate(3);
    for (int i = 0; i < kCases; ++i) {
        const auto policy = generate.policy();
        const auto observed = generate.observation();
        auto shuffled = observed;
        auto& samples = std::get<api::PodSamples>(shuffled.metrics[0]).pods;
        std::ranges::shuffle(shuffled.pods, generate.random());
        std::ranges::shuffle(samples, generate.random());
        std::ranges::shuffle(shuffled.history.recommendations, generate.random());
        std::ranges::shuffle(shuffled.history.scale_up_events, generate.random());
        EXPECT_EQ(decide(policy, observed), decide(policy, shuffled)) << "case " << i;
    }
}

TEST(EveryDecision, WithMoreLoadIsNotLower) {
    Generator generate(4);
    for (int i = 0; i < kCases; ++i) {
        auto policy = generate.policy();
        policy.compatibility = api::Compatibility::Chatflow;
        auto observed = generate.observation();
        std::int32_t before = 0;
        for (int step = 0; step < 8; ++step) {
            const std::int32_t replicas = decide(policy, observed).replicas;
            EXPECT_GE(replicas, before) << "case " << i << ", step " << step;
            before = replicas;
            for (auto& sample : std::get<api::PodSamples>(observed.metrics[0]).pods) {
                auto& usage = sample.containers[0].usage;
                usage = api::Quantity::from_milli(usage.milli() + generate.number(0, 150));
            }
        }
    }
}

TEST(EveryDecision, WhateverAPolicyHasIsNotLowerWithMoreLoad) {
    Generator generate(24);
    for (int i = 0; i < 2 * kCases; ++i) {
        auto [spec, observed] = with_everything(generate);
        spec.compatibility = api::Compatibility::Chatflow;
        std::int32_t before = 0;
        for (int step = 0; step < 6; ++step) {
            const auto decision = decide(spec, observed);
            EXPECT_GE(decision.replicas, before)
                << "case " << i << ", step " << step << ": " << decision.message;
            before = decision.replicas;
            for (auto& sample : std::get<api::PodSamples>(observed.metrics[0]).pods) {
                auto& usage = sample.containers[0].usage;
                usage = api::Quantity::from_milli(usage.milli() + generate.number(0, 150));
            }
        }
    }
}

TEST(EveryDecision, OnValuesWithMoreLoadIsNotLower) {
    Generator generate(5);
    for (int i = 0; i < kCases; ++i) {
        auto policy = a_policy().between(0, 60);
        const std::int64_t target = generate.number(1, 3000);
        const api::ScalingPolicySpec spec =
            generate.one_in(2) ? policy.external_value(target) : policy.prometheus_average(target);
        auto observed = generate.observation();
        std::int32_t before = 0;
        std::int64_t load = 0;
        for (int step = 0; step < 12; ++step, load += generate.number(0, 8000)) {
            observed.metrics = {values({load})};
            const std::int32_t replicas = decide(spec, observed).replicas;
            EXPECT_GE(replicas, before) << "case " << i << ", load " << load;
            before = replicas;
        }
    }
}

TEST(EveryDecision, WithoutDataLowersNothing) {
    Generator generate(6);
    for (int i = 0; i < kCases; ++i) {
        auto policy = generate.policy();
        if (generate.one_in(2)) {
            policy.on_missing_metrics = {api::MissingMetricsPolicy::Fallback, 0,
                                         generate.number(1, 30)};
        }
        auto observed = generate.observation();
        observed.replicas.spec = generate.number(policy.min_replicas, policy.max_replicas);
        observed.metrics_missing_since = kNow - std::chrono::seconds{generate.number(0, 900)};
        switch (generate.number(0, 3)) {
            case 0:
                observed.metrics = {error()};
                break;
            case 1:
                observed.metrics = {api::PodSamples{}};
                break;
            case 2:
                observed.metrics.clear();
                break;
            default:
                observed.pods.clear();
                break;
        }
        EXPECT_GE(decide(policy, observed).replicas, observed.replicas.spec) << "case " << i;
    }
}

TEST(EveryDecision, WithOneOfTwoMetricsMissingLowersNothing) {
    Generator generate(7);
    for (int i = 0; i < kCases; ++i) {
        auto policy = generate.policy();
        policy.metrics.push_back(
            api::ScalingPolicySpec(a_policy().prometheus_average(1000)).metrics.front());
        auto observed = generate.observation();
        observed.replicas.spec = generate.number(policy.min_replicas, policy.max_replicas);
        observed.metrics.push_back(error());
        EXPECT_GE(decide(policy, observed).replicas, observed.replicas.spec) << "case " << i;
    }
}

TEST(EveryDecision, OfABandEqualsHpaWithThatTolerance) {
    Generator generate(8);
    for (int i = 0; i < kCases; ++i) {
        auto band = a_policy().cpu_band(70, 30, 50);
        auto target = a_policy().utilization(50).tolerance(400, 400);
        if (generate.one_in(2)) {
            band.to_the_letter();
            target.to_the_letter();
        }
        const auto observed = generate.observation();
        const auto ours = decide(band, observed);
        const auto hpas = decide(target, observed);
        EXPECT_EQ(ours.replicas, hpas.replicas) << "case " << i << ": " << ours.message;
        EXPECT_EQ(ours.uncapped, hpas.uncapped) << "case " << i << ": " << ours.message;
        EXPECT_EQ(ours.reason, hpas.reason) << "case " << i;
    }
}

}  // namespace
}  // namespace chatflow::scaling::test
