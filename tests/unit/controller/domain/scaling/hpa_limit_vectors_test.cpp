#include "controller/domain/scaling/limits.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <ostream>

#include <gtest/gtest.h>

// What becomes of a proposal: stabilization, policies per period, bounds.

namespace chatflow::scaling::test {
namespace {

using api::LimitedBy;
using api::SelectPolicy;

/// Seconds ago and a count.
struct Past {
    std::int32_t ago;
    std::int32_t count;
};

struct LimitVector {
    const char* name;
    std::int32_t current;
    std::int32_t wanted;
    std::vector<Past> recommendations;
    std::vector<Past> ups;
    std::vector<Past> downs;
    std::int32_t expected;
    LimitedBy by = LimitedBy::None;
};

void PrintTo(const LimitVector& vector, std::ostream* out) { *out << vector.name; }

api::Observation case_of(const LimitVector& vector) {
    auto observed = proposed(vector.current, vector.wanted);
    for (const auto& [ago, count] : vector.recommendations) {
        observed.history.recommendations.push_back({kNow - std::chrono::seconds{ago}, count});
    }
    for (const auto& [ago, count] : vector.ups) {
        observed.history.scale_up_events.push_back({kNow - std::chrono::seconds{ago}, count});
    }
    for (const auto& [ago, count] : vector.downs) {
        observed.history.scale_down_events.push_back({kNow - std::chrono::seconds{ago}, count});
    }
    return observed;
}

void expect(const api::ScalingPolicySpec& policy, const LimitVector& vector) {
    const auto decision = decide(policy, case_of(vector));
    EXPECT_EQ(decision.replicas, vector.expected);
    EXPECT_EQ(decision.limited_by, vector.by) << decision.message;
    EXPECT_EQ(decision.uncapped, vector.wanted);
}

class DefaultBehavior : public testing::TestWithParam<LimitVector> {};

TEST_P(DefaultBehavior, IsThatOfHpaWithAnEmptyBehavior) {
    expect(a_policy().between(2, 50), GetParam());
    expect(a_policy().between(2, 50).to_the_letter().scale_up({}).scale_down({}), GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, DefaultBehavior,
    testing::Values(
        LimitVector{"no change", 4, 4, {}, {}, {}, 4},
        LimitVector{
            "up by 4 pods when that is more", 3, 9, {}, {}, {}, 7, LimitedBy::ScaleUpPolicy},
        LimitVector{
            "up by 100 % when that is more", 10, 30, {}, {}, {}, 20, LimitedBy::ScaleUpPolicy},
        LimitVector{"up within the policies", 10, 18, {}, {}, {}, 18},
        LimitVector{"what was added in the period counts",
                    8,
                    20,
                    {},
                    {{10, 4}},
                    {},
                    8,
                    LimitedBy::ScaleUpPolicy},
        LimitVector{
            "a part of the rate is left", 6, 20, {}, {{10, 2}}, {}, 8, LimitedBy::ScaleUpPolicy},
        LimitVector{"what was added before the period does not",
                    8,
                    20,
                    {},
                    {{15, 4}},
                    {},
                    16,
                    LimitedBy::ScaleUpPolicy},
        LimitVector{"what was removed in the period may come back",
                    4,
                    20,
                    {},
                    {},
                    {{5, 4}},
                    16,
                    LimitedBy::ScaleUpPolicy},
        LimitVector{"more was added than the rate allows: stay",
                    30,
                    40,
                    {},
                    {{3, 20}},
                    {},
                    30,
                    LimitedBy::ScaleUpPolicy},
        LimitVector{"down by any number", 40, 3, {}, {}, {}, 3},
        LimitVector{"down to the minimum", 40, 1, {}, {}, {}, 2, LimitedBy::MinReplicas},
        LimitVector{"up to the maximum", 40, 60, {}, {}, {}, 50, LimitedBy::MaxReplicas},
        LimitVector{"the maximum is named where a policy cuts at the same",
                    25,
                    60,
                    {},
                    {},
                    {},
                    50,
                    LimitedBy::MaxReplicas},
        LimitVector{"down is held by a recommendation in the window",
                    8,
                    3,
                    {{299, 8}},
                    {},
                    {},
                    8,
                    LimitedBy::ScaleDownStabilization},
        LimitVector{"at the end of the window it is not held", 8, 3, {{300, 8}}, {}, {}, 3},
        LimitVector{"down only to the greatest in the window",
                    8,
                    3,
                    {{290, 4}, {100, 6}, {5, 5}},
                    {},
                    {},
                    6,
                    LimitedBy::ScaleDownStabilization},
        LimitVector{"a greater recommendation does not scale up",
                    8,
                    3,
                    {{100, 12}},
                    {},
                    {},
                    8,
                    LimitedBy::ScaleDownStabilization},
        LimitVector{"up is not held by default", 4, 8, {{5, 4}, {1, 3}}, {}, {}, 8}));

TEST(Policies, PercentUpIsRoundedUp) {
    const auto policy = a_policy().scale_up({.stabilization_window_seconds = {},
                                             .select_policy = {},
                                             .policies = {percent_per(10, 60)},
                                             .tolerance = {}});
    expect(policy, {"1.1 is 2", 1, 9, {}, {}, {}, 2, LimitedBy::ScaleUpPolicy});
    expect(policy, {"5.5 is 6", 5, 9, {}, {}, {}, 6, LimitedBy::ScaleUpPolicy});
    expect(policy, {"22 is 22", 20, 90, {}, {}, {}, 22, LimitedBy::ScaleUpPolicy});
}

TEST(Policies, PercentDownIsRoundedDown) {
    const auto policy = a_policy().scale_down({.stabilization_window_seconds = 0,
                                               .select_policy = {},
                                               .policies = {percent_per(10, 60)},
                                               .tolerance = {}});
    expect(policy, {"4.5 is 4", 5, 1, {}, {}, {}, 4, LimitedBy::ScaleDownPolicy});
    expect(policy, {"0.9 is 0, the minimum 1", 1, 0, {}, {}, {}, 1, LimitedBy::MinReplicas});
    expect(policy, {"90 of 100", 100, 1, {}, {}, {}, 90, LimitedBy::ScaleDownPolicy});
    expect(policy, {"removed already", 92, 1, {}, {}, {{30, 8}}, 90, LimitedBy::ScaleDownPolicy});
    expect(
        policy,
        {"removed all that is allowed", 90, 1, {}, {}, {{30, 10}}, 90, LimitedBy::ScaleDownPolicy});
    expect(
        policy,
        {"removed before the period", 90, 1, {}, {}, {{60, 10}}, 81, LimitedBy::ScaleDownPolicy});
}

TEST(Policies, PodsUpAndDown) {
    const auto policy = a_policy()
                            .scale_up({.stabilization_window_seconds = {},
                                       .select_policy = {},
                                       .policies = {pods_per(3, 60)},
                                       .tolerance = {}})
                            .scale_down({.stabilization_window_seconds = 0,
                                         .select_policy = {},
                                         .policies = {pods_per(2, 60)},
                                         .tolerance = {}});
    expect(policy, {"three up", 10, 30, {}, {}, {}, 13, LimitedBy::ScaleUpPolicy});
    expect(policy,
           {"one of three is left", 12, 30, {}, {{20, 2}}, {}, 13, LimitedBy::ScaleUpPolicy});
    expect(policy, {"two down", 10, 1, {}, {}, {}, 8, LimitedBy::ScaleDownPolicy});
    expect(policy, {"one of two is left", 9, 1, {}, {}, {{20, 1}}, 8, LimitedBy::ScaleDownPolicy});
    expect(
        policy,
        {"what was added may go again", 13, 1, {}, {{20, 3}}, {}, 8, LimitedBy::ScaleDownPolicy});
}

TEST(Policies, SelectPolicyTakesTheGreaterOrTheLesserChangeOrNone) {
    const std::vector<api::RatePolicy> both{pods_per(4, 60), percent_per(10, 60)};
    const auto select = [&](SelectPolicy policy) {
        return api::ScalingRules{.stabilization_window_seconds = 0,
                                 .select_policy = policy,
                                 .policies = both,
                                 .tolerance = {}};
    };
    const auto greater =
        a_policy().scale_up(select(SelectPolicy::Max)).scale_down(select(SelectPolicy::Max));
    expect(greater, {"up", 100, 200, {}, {}, {}, 110, LimitedBy::ScaleUpPolicy});
    expect(greater, {"up, few", 10, 200, {}, {}, {}, 14, LimitedBy::ScaleUpPolicy});
    expect(greater, {"down", 100, 1, {}, {}, {}, 90, LimitedBy::ScaleDownPolicy});
    expect(greater, {"down, few", 10, 1, {}, {}, {}, 6, LimitedBy::ScaleDownPolicy});
    const auto lesser =
        a_policy().scale_up(select(SelectPolicy::Min)).scale_down(select(SelectPolicy::Min));
    expect(lesser, {"up", 100, 200, {}, {}, {}, 104, LimitedBy::ScaleUpPolicy});
    expect(lesser, {"up, few", 10, 200, {}, {}, {}, 11, LimitedBy::ScaleUpPolicy});
    expect(lesser, {"down", 100, 1, {}, {}, {}, 96, LimitedBy::ScaleDownPolicy});
    expect(lesser, {"down, few", 10, 1, {}, {}, {}, 9, LimitedBy::ScaleDownPolicy});
    const auto none = a_policy()
                          .scale_up(select(SelectPolicy::Disabled))
                          .scale_down(select(SelectPolicy::Disabled));
    expect(none, {"up", 100, 200, {}, {}, {}, 100, LimitedBy::ScaleUpPolicy});
    expect(none, {"down", 100, 1, {}, {}, {}, 100, LimitedBy::ScaleDownPolicy});
}

TEST(Policies, PeriodsOfTheirOwn) {
    const auto policy = a_policy().scale_up({.stabilization_window_seconds = {},
                                             .select_policy = SelectPolicy::Min,
                                             .policies = {pods_per(5, 15), pods_per(8, 60)},
                                             .tolerance = {}});
    expect(policy, {"the short one", 10, 99, {}, {}, {}, 15, LimitedBy::ScaleUpPolicy});
    expect(policy, {"the long one", 15, 99, {}, {{20, 5}}, {}, 18, LimitedBy::ScaleUpPolicy});
}

TEST(Windows, UpIsHeldByTheLeastRecommendation) {
    const auto policy = a_policy().scale_up(
        {.stabilization_window_seconds = 60, .select_policy = {}, .policies = {}, .tolerance = {}});
    expect(policy, {"held", 4, 8, {{59, 4}}, {}, {}, 4, LimitedBy::ScaleUpStabilization});
    expect(policy,
           {"held, never lower", 4, 8, {{59, 2}}, {}, {}, 4, LimitedBy::ScaleUpStabilization});
    expect(policy,
           {"to the least", 4, 8, {{59, 7}, {10, 6}}, {}, {}, 6, LimitedBy::ScaleUpStabilization});
    expect(policy, {"free", 4, 8, {{60, 4}}, {}, {}, 8});
}

TEST(Windows, AWindowOfZeroHoldsNothing) {
    const auto policy = a_policy().scale_down(
        {.stabilization_window_seconds = 0, .select_policy = {}, .policies = {}, .tolerance = {}});
    expect(policy, {"down", 8, 3, {{0, 8}, {1, 8}}, {}, {}, 3});
}

class LegacyBehavior : public testing::TestWithParam<LimitVector> {};

TEST_P(LegacyBehavior, IsThatOfHpaWithoutBehavior) {
    expect(a_policy().to_the_letter().between(2, 50), GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, LegacyBehavior,
    testing::Values(
        LimitVector{"no change", 4, 4, {}, {}, {}, 4},
        LimitVector{"4 at least may always be had", 2, 9, {}, {}, {}, 4, LimitedBy::ScaleUpPolicy},
        LimitVector{"at most twice as many", 5, 30, {}, {}, {}, 10, LimitedBy::ScaleUpPolicy},
        LimitVector{"events do not count", 5, 30, {}, {{1, 5}}, {}, 10, LimitedBy::ScaleUpPolicy},
        LimitVector{"the maximum", 30, 99, {}, {}, {}, 50, LimitedBy::MaxReplicas},
        LimitVector{"the minimum", 30, 0, {}, {}, {}, 2, LimitedBy::MinReplicas},
        LimitVector{"down at once without a past", 30, 5, {}, {}, {}, 5},
        LimitVector{"held by the window",
                    30,
                    5,
                    {{299, 30}},
                    {},
                    {},
                    30,
                    LimitedBy::ScaleDownStabilization},
        LimitVector{"the end of the window is inside",
                    30,
                    5,
                    {{300, 30}},
                    {},
                    {},
                    30,
                    LimitedBy::ScaleDownStabilization},
        LimitVector{"older is outside", 30, 5, {{301, 30}}, {}, {}, 5},
        LimitVector{"to the greatest",
                    30,
                    5,
                    {{250, 9}, {20, 12}, {5, 7}},
                    {},
                    {},
                    12,
                    LimitedBy::ScaleDownStabilization},
        LimitVector{"a greater one scales up",
                    5,
                    3,
                    {{100, 8}},
                    {},
                    {},
                    8,
                    LimitedBy::ScaleDownStabilization}));

// Bounds without metrics.

TEST(Bounds, MoreThanTheMaximumGoesThereWithoutMetrics) {
    const auto decision = decide(a_policy().between(2, 10).utilization(50), seen(14, "90 90 90"));
    EXPECT_EQ(decision.replicas, 10);
    EXPECT_EQ(decision.reason, api::DecisionReason::OutsideBounds);
    EXPECT_TRUE(decision.metrics.empty());
}

TEST(Bounds, FewerThanTheMinimumGoesThereWithoutMetrics) {
    auto observed = seen(1, "10");
    observed.metrics = {error()};
    const auto decision = decide(a_policy().between(3, 10).utilization(50), observed);
    EXPECT_EQ(decision.replicas, 3);
    EXPECT_EQ(decision.limited_by, LimitedBy::MinReplicas);
}

TEST(Bounds, ZeroReplicasDisableScaling) {
    const auto decision = decide(a_policy().between(2, 10).utilization(50), seen(0, ""));
    EXPECT_EQ(decision.replicas, 0);
    EXPECT_EQ(decision.reason, api::DecisionReason::ScalingDisabled);
}

TEST(Bounds, ZeroReplicasWithAMinimumOfZeroMayStart) {
    auto observed = seen(0, "");
    observed.metrics = {values({2500})};
    EXPECT_EQ(decide(a_policy().between(0, 10).external_value(1000), observed).replicas, 3);
    EXPECT_EQ(decide(a_policy().between(0, 10).external_average(1000), observed).replicas, 3);
}

TEST(Bounds, AProposalNeverLeavesThem) {
    EXPECT_EQ(decide(a_policy().between(2, 10), proposed(20, 15)).replicas, 10);
    EXPECT_EQ(decide(a_policy().between(2, 10), proposed(1, 1)).replicas, 2);
}

}  // namespace
}  // namespace chatflow::scaling::test
