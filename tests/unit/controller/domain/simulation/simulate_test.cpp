#include "controller/domain/simulation/simulate.hpp"

#include "controller/domain/simulation/generate.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::simulation {
namespace {

using namespace std::chrono_literals;
using prediction::LoadSeries;
using scaling::test::a_policy;
using testing::HasSubstr;

constexpr TimePoint kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};

/// One sample per minute, in units.
LoadSeries minutes_of(std::vector<std::optional<std::int64_t>> units) {
    LoadSeries load{.start = kStart, .step = 60s, .samples = {}};
    for (const auto& value : units) {
        load.samples.push_back(value ? std::optional{*value * 1000} : std::nullopt);
    }
    return load;
}

LoadSeries steady(std::int64_t units, std::size_t minutes) {
    return minutes_of(std::vector<std::optional<std::int64_t>>(minutes + 1, units));
}

LoadSeries step_up() {
    std::vector<std::optional<std::int64_t>> units(31, 1);
    std::fill(units.begin() + 10, units.end(), 4);
    return minutes_of(units);
}

LoadSeries step_down() {
    std::vector<std::optional<std::int64_t>> units(31, 1);
    std::fill(units.begin(), units.begin() + 10, 4);
    return minutes_of(units);
}

api::ScalingPolicySpec band() { return a_policy().between(1, 100).cpu_band(70, 30, 60); }

TEST(Simulate, GivesTheSameRunForTheSameInputs) {
    const LoadSeries load = generate(Shape::Daily, 7, 24h);
    EXPECT_EQ(simulate("a", band(), load, {}), simulate("a", band(), load, {}));
}

TEST(Simulate, LeavesASteadyLoadAlone) {
    const auto run = simulate("a", band(), steady(1, 60), {});
    EXPECT_TRUE(run.changes.empty());
    EXPECT_EQ(run.summary.under_provisioned, 0s);
    EXPECT_EQ(run.summary.pod_seconds, 8 * 3601);  // 1 / (0.7 × 0.2), rounded up
}

TEST(Simulate, LeavesOutWhatIsNotOfTheRecording) {
    auto spec = band();
    const auto plain = simulate("a", spec, step_down(), {});
    ASSERT_LT(plain.points.back().replicas, plain.points.front().replicas);
    EXPECT_TRUE(not_played(spec).empty());
    spec.drain = api::DrainSpec{.query = "sessions"};
    spec.override_with = api::ScalingOverride{.replicas = 50, .until = kStart + 240h};
    spec.pause = api::ScalingPause{.scale_down = true, .until = kStart + 240h};
    EXPECT_EQ(simulate("a", spec, step_down(), {}), plain);
    EXPECT_EQ(not_played(spec), (std::vector<std::string>{"drain", "override", "pause"}));
}

TEST(Simulate, AnswersAStepUpAndThenHasEnough) {
    const auto run = simulate("a", band(), step_up(), {});
    ASSERT_FALSE(run.changes.empty());
    EXPECT_GT(run.changes.front().at, kStart + 9min);
    EXPECT_EQ(run.changes.front().reason, api::DecisionReason::AboveThreshold);
    EXPECT_GE(run.points.back().ready * 200 * 70 / 100, 4000);
    EXPECT_GT(run.summary.under_provisioned, 0s);
    EXPECT_LT(run.summary.under_provisioned, 5min);
}

TEST(Simulate, FailsToServeForLongerWhenPodsStartSlowly) {
    const auto fast = simulate("fast", band(), step_up(), {.pod_start = 5s});
    const auto slow = simulate("slow", band(), step_up(), {.pod_start = 180s});
    EXPECT_GT(slow.summary.under_provisioned, fast.summary.under_provisioned);
    EXPECT_GT(slow.summary.longest_under, 3min);
    EXPECT_GT(slow.summary.unserved, fast.summary.unserved);
}

TEST(Simulate, SeesALateMetricLate) {
    const auto fresh = simulate("fresh", band(), step_up(), {.metric_lag = 0s});
    const auto late = simulate("late", band(), step_up(), {.metric_lag = 45s});
    EXPECT_GT(late.changes.front().at, fresh.changes.front().at);
}

TEST(Simulate, HoldsWhileNothingWasRecorded) {
    std::vector<std::optional<std::int64_t>> units(61, 4);
    std::fill(units.begin() + 20, units.begin() + 40, std::nullopt);
    const auto run = simulate("a", band(), minutes_of(units), {.initial_replicas = 100});
    for (const Change& change : run.changes) {
        EXPECT_FALSE(change.at > kStart + 21min && change.at < kStart + 39min)
            << format_rfc3339(change.at);
    }
}

TEST(Simulate, CountsEachTurn) {
    const auto run = simulate("a", as_hpa(band(), 50), generate(Shape::SawTooth, 7, 2h), {});
    std::int32_t flips = 0;
    for (std::size_t i = 1; i < run.changes.size(); ++i) {
        const bool was_up = run.changes[i - 1].to > run.changes[i - 1].from;
        flips += was_up != (run.changes[i].to > run.changes[i].from) ? 1 : 0;
    }
    EXPECT_GT(flips, 4);
    EXPECT_EQ(run.summary.flips, flips);
    EXPECT_EQ(run.summary.changes, std::ssize(run.changes));
}

TEST(Simulate, DrivesAValuePerPodByTheWholeLoad) {
    const auto run =
        simulate("a", a_policy().between(1, 100).prometheus_average(100), steady(2, 10), {});
    EXPECT_EQ(run.points.back().replicas, 20);
}

TEST(Simulate, NeverLeavesTheBounds) {
    const api::ScalingPolicySpec spec = a_policy().between(5, 20).cpu_band(70, 30, 60);
    for (const Point& point : simulate("a", spec, generate(Shape::FlashCrowd, 3, 6h), {}).points) {
        EXPECT_GE(point.replicas, 5);
        EXPECT_LE(point.replicas, 20);
    }
}

TEST(Simulate, DoesNotCountTheWarmUp) {
    const auto run = simulate("a", band(), step_up(), {.warm_up = 20min});
    EXPECT_EQ(run.summary.span, 601s);
    EXPECT_EQ(run.points.front().at, kStart + 20min);
    EXPECT_TRUE(run.changes.empty());
    EXPECT_EQ(run.summary.under_provisioned, 0s);
}

TEST(Simulate, PredictionHalvesTheTimeWithTooFewPodsOnWeeksItHasNotSeen) {
    const LoadSeries load = generate(Shape::Daily, 7, std::chrono::days{10});
    api::ScalingPolicySpec predictive = band();
    predictive.prediction.emplace().mode = api::PredictionMode::Enforce;
    predictive.evaluation_period_seconds = 60;
    api::ScalingPolicySpec reactive = predictive;
    reactive.prediction.reset();
    const Settings settings{.warm_up = std::chrono::days{7}};
    const Summary with = simulate("with", predictive, load, settings).summary;
    const Summary without = simulate("without", reactive, load, settings).summary;
    EXPECT_LE(2 * with.under_provisioned, without.under_provisioned);
    EXPECT_LE(with.pod_seconds * 100, without.pod_seconds * 110);
    EXPECT_GT(with.predicted_slots, 800);
}

TEST(Consult, OraclesNeverHaveTooFewAndTheMovingOneIsTheCheapest) {
    const LoadSeries load = generate(Shape::FlashCrowd, 7, 6h);
    const auto constant = consult(Oracle::Static, band(), load, {});
    const auto moving = consult(Oracle::Moving, band(), load, {});
    EXPECT_EQ(constant.summary.under_provisioned, 0s);
    EXPECT_EQ(moving.summary.under_provisioned, 0s);
    EXPECT_EQ(constant.summary.changes, 0);
    EXPECT_LT(moving.summary.pod_seconds, constant.summary.pod_seconds / 2);
}

TEST(WithOneMetric, TakesTheFirstThatFollowsLoad) {
    api::ScalingPolicySpec spec = a_policy().utilization(50, "memory").cpu_band(70, 30, 60);
    const auto one = with_one_metric(spec);
    ASSERT_TRUE(one);
    ASSERT_EQ(one->metrics.size(), 1);
    EXPECT_EQ(one->metrics.front().resource->name, "cpu");
}

TEST(WithOneMetric, SaysWhatItCannotPlay) {
    const api::ScalingPolicySpec memory = a_policy().utilization(50, "memory");
    EXPECT_THAT(with_one_metric(memory).error(), HasSubstr("memory"));
    EXPECT_THAT(with_one_metric(band(), "queue").error(), HasSubstr("it has: cpu"));
}

TEST(AsHpa, HasNothingButBoundsAndTarget) {
    const api::ScalingPolicySpec hpa = as_hpa(band(), 70);
    EXPECT_EQ(hpa.compatibility, api::Compatibility::AutoscalingV2);
    EXPECT_EQ(hpa.metrics.front().resource->target->average_utilization, 70);
    EXPECT_FALSE(hpa.behavior);
    EXPECT_EQ(hpa.max_replicas, 100);
}

TEST(Generate, IsTheSameForASeedAndAnotherForAnother) {
    EXPECT_EQ(generate(Shape::Daily, 7, 24h), generate(Shape::Daily, 7, 24h));
    EXPECT_NE(generate(Shape::Daily, 7, 24h), generate(Shape::Daily, 8, 24h));
}

TEST(Generate, DailyIsQuietAtNightAndOnWeekends) {
    const LoadSeries load = generate(Shape::Daily, 7, std::chrono::days{7});
    EXPECT_GT(*load.at(kStart + 20h), 3 * *load.at(kStart + 4h));
    EXPECT_GT(*load.at(kStart + 10h), 2 * *load.at(kStart + std::chrono::days{5} + 10h));
}

}  // namespace
}  // namespace chatflow::simulation
