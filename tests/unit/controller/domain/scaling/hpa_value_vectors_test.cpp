#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <ostream>

#include <gtest/gtest.h>

// One number for the whole target: Object, External and Prometheus metrics; and several metrics.

namespace chatflow::scaling::test {
namespace {

struct ValueVector {
    const char* name;
    std::int64_t target;  // milli
    api::CaseReplicas replicas;
    const char* pods;
    std::vector<std::int64_t> values;  // milli
    std::int32_t expected;
};

void PrintTo(const ValueVector& vector, std::ostream* out) { *out << vector.name; }

PolicyBuilder from_zero() { return a_policy().to_the_letter().between(0, 100000); }

std::int32_t proposal_for(const api::ScalingPolicySpec& policy, const ValueVector& vector) {
    auto observed = seen(vector.replicas.spec, vector.pods);
    observed.replicas = vector.replicas;
    observed.metrics = {values(vector.values)};
    return decide(policy, observed).uncapped;
}

class ValueTarget : public testing::TestWithParam<ValueVector> {};

TEST_P(ValueTarget, ProposesAsHpaDoes) {
    const ValueVector& vector = GetParam();
    EXPECT_EQ(proposal_for(from_zero().external_value(vector.target), vector), vector.expected);
    EXPECT_EQ(proposal_for(from_zero().object_value(vector.target), vector), vector.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, ValueTarget,
    testing::Values(
        ValueVector{"twice the target doubles the ready pods", 5000, {3, 3}, "r r r", {10000}, 6},
        ValueVector{"half the target halves them", 5000, {4, 4}, "r r r r", {2500}, 2},
        ValueVector{"inside the tolerance above", 5000, {3, 3}, "r r r", {5500}, 3},
        ValueVector{"just outside it", 5000, {3, 3}, "r r r", {5501}, 4},
        ValueVector{"inside the tolerance below", 5000, {3, 3}, "r r r", {4500}, 3},
        ValueVector{"just outside it, rounded up to the same", 5000, {3, 3}, "r r r", {4499}, 3},
        ValueVector{"several values are summed", 5000, {3, 3}, "r r r", {4000, 6000}, 6},
        ValueVector{"zero asks for none", 5000, {3, 3}, "r r r", {0}, 0},
        ValueVector{"only Ready pods are multiplied: fewer, though overloaded",
                    4000,
                    {3, 3},
                    "r n n",
                    {7000},
                    2},
        ValueVector{"Pending pods are not", 5000, {3, 3}, "r p p", {15000}, 3},
        ValueVector{"Failed pods are not", 5000, {2, 2}, "r r 0f", {10000}, 4},
        ValueVector{"from 0 replicas the ratio is the count", 1000, {0, 0}, "", {3500}, 4},
        ValueVector{"from 0 the tolerance does not matter", 1000, {0, 0}, "", {1050}, 2},
        ValueVector{"from 0 without load stays", 1000, {0, 0}, "", {0}, 0},
        ValueVector{"a huge value is capped", 1, {2, 2}, "r r", {9000000000000000000}, 2147483647},
        ValueVector{"a sum beyond 64 bits is capped",
                    1,
                    {2, 2},
                    "r r",
                    {9000000000000000000, 9000000000000000000},
                    2147483647}));

class AverageTarget : public testing::TestWithParam<ValueVector> {};

TEST_P(AverageTarget, ProposesAsHpaDoes) {
    const ValueVector& vector = GetParam();
    EXPECT_EQ(proposal_for(from_zero().external_average(vector.target), vector), vector.expected);
    EXPECT_EQ(proposal_for(from_zero().object_average(vector.target), vector), vector.expected);
    EXPECT_EQ(proposal_for(from_zero().prometheus_average(vector.target), vector), vector.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, AverageTarget,
    testing::Values(
        ValueVector{"total over target", 1000, {3, 3}, "r r r", {6000}, 6},
        ValueVector{"a part of a pod is a pod", 1000, {3, 3}, "r r r", {6001}, 7},
        ValueVector{"down", 1000, {6, 6}, "r r r", {2100}, 3},
        ValueVector{"inside the tolerance above", 1000, {10, 10}, "r", {11000}, 10},
        ValueVector{"outside it", 1000, {10, 10}, "r", {11001}, 12},
        ValueVector{"inside the tolerance below", 1000, {10, 10}, "r", {9000}, 10},
        ValueVector{"outside it", 1000, {10, 10}, "r", {8999}, 9},
        ValueVector{"readiness does not matter", 1000, {3, 3}, "n n n", {6000}, 6},
        ValueVector{"no pods are needed", 1000, {3, 3}, "", {6000}, 6},
        ValueVector{"several values are summed", 1000, {2, 2}, "r r", {1500, 1500, 1500}, 5},
        ValueVector{"zero asks for none", 1000, {3, 3}, "r r r", {0}, 0},
        ValueVector{"inside the tolerance the surge is copied", 1000, {4, 6}, "r", {6200}, 6},
        ValueVector{"outside it the total decides", 1000, {4, 6}, "r", {5300}, 6},
        ValueVector{"fewer exist than asked for", 1000, {6, 4}, "r", {5000}, 5},
        ValueVector{"from 0 replicas", 1000, {0, 0}, "", {2500}, 3},
        ValueVector{"0 of 0", 1000, {0, 0}, "", {0}, 0},
        ValueVector{
            "a huge total is capped", 1, {2, 2}, "r r", {9000000000000000000}, 2147483647}));

// Several metrics.

TEST(HpaSeveralMetrics, TheGreatestProposalWins) {
    const auto policy = a_policy().to_the_letter().utilization(50).external_average(1000);
    auto observed = seen(3, "80 80 80");
    observed.metrics.push_back(values({9000}));
    EXPECT_EQ(decide(policy, observed).uncapped, 9);
    observed.metrics[1] = values({1000});
    EXPECT_EQ(decide(policy, observed).uncapped, 5);
}

TEST(HpaSeveralMetrics, OneProposalToStayKeepsTheCountAgainstOneToShrink) {
    const auto policy = a_policy().to_the_letter().utilization(50).external_average(1000);
    auto observed = seen(4, "10 10 10 10");
    observed.metrics.push_back(values({4000}));
    EXPECT_EQ(decide(policy, observed).uncapped, 4);
}

TEST(HpaSeveralMetrics, AnInvalidOneBlocksScaleDown) {
    const auto policy = a_policy().to_the_letter().utilization(50).external_average(1000);
    auto observed = seen(4, "10 10 10 10");
    observed.metrics.push_back(error());
    const auto decision = decide(policy, observed);
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.reason, api::DecisionReason::MetricUnavailable);
    EXPECT_EQ(decision.limited_by, api::LimitedBy::MissingMetrics);
    EXPECT_EQ(decision.error, "jobs has no data: the query failed");
}

TEST(HpaSeveralMetrics, AnInvalidOneDoesNotBlockScaleUp) {
    const auto policy = a_policy().to_the_letter().utilization(50).external_average(1000);
    auto observed = seen(4, "80 80 80 80");
    observed.metrics.push_back(error());
    const auto decision = decide(policy, observed);
    EXPECT_EQ(decision.replicas, 7);
    EXPECT_FALSE(decision.error.has_value());
    EXPECT_EQ(decision.metrics[1].verdict, api::MetricVerdict::NoData);
}

TEST(HpaSeveralMetrics, AnInvalidOneFirstChangesNothing) {
    const auto policy = a_policy().to_the_letter().external_average(1000).utilization(50);
    auto observed = seen(4, "80 80 80 80");
    observed.metrics.insert(observed.metrics.begin(), error());
    EXPECT_EQ(decide(policy, observed).replicas, 7);
}

TEST(HpaSeveralMetrics, AllInvalidHolds) {
    const auto policy = a_policy().to_the_letter().utilization(50).external_average(1000);
    auto observed = seen(4, "80 80 80 80");
    observed.metrics = {error(), error()};
    const auto decision = decide(policy, observed);
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.uncapped, 4);
    EXPECT_EQ(decision.reason, api::DecisionReason::MetricUnavailable);
}

TEST(HpaVectors, AValueNearItsTargetNeedsNoPods) {
    for (auto policy :
         {a_policy().external_value(1000), a_policy().to_the_letter().external_value(1000)}) {
        auto observed = seen(3, "");
        observed.metrics = {values({1050})};
        const auto near = decide(policy, observed);
        EXPECT_EQ(near.replicas, 3);
        EXPECT_FALSE(near.error);
        observed.metrics = {values({1500})};
        const auto far = decide(policy, observed);
        EXPECT_EQ(far.replicas, 3);
        EXPECT_EQ(far.metrics[0].reason, "NoPods");
    }
}

TEST(HpaVectors, AnAverageIsShownRoundedUp) {
    auto observed = seen(3, "");
    observed.metrics = {values({1000})};
    EXPECT_EQ(decide(a_policy().external_average(330), observed).metrics[0].value,
              api::Quantity::from_milli(334));
}

}  // namespace
}  // namespace chatflow::scaling::test
