#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <ostream>

#include <gtest/gtest.h>

// HPA's calculation over pods, worked out by hand: U = whole percent of the sums, ratio = U/target,
// ceil(ratio × pods), with the pods that are left out weighing against the change.

namespace chatflow::scaling::test {
namespace {

struct PodVector {
    const char* name;
    std::int32_t target;  // percent; for averages, percent of 1000 units
    std::int32_t current;
    const char* pods;
    std::int32_t expected;
};

void PrintTo(const PodVector& vector, std::ostream* out) { *out << vector.name; }

class CpuUtilization : public testing::TestWithParam<PodVector> {};

TEST_P(CpuUtilization, ProposesAsHpaDoes) {
    const PodVector& vector = GetParam();
    const auto policy = a_policy().to_the_letter().utilization(vector.target);
    EXPECT_EQ(decide(policy, seen(vector.current, vector.pods)).uncapped, vector.expected);
}

INSTANTIATE_TEST_SUITE_P(
    AllReady, CpuUtilization,
    testing::Values(
        PodVector{"1.6 times the target needs 1.6 times the pods", 50, 3, "80 80 80", 5},
        PodVector{"the mean counts, not a single pod", 50, 3, "20 50 80", 3},
        PodVector{"a part of a pod is a pod", 50, 2, "60 60", 3},
        PodVector{"half the load needs half the pods", 50, 4, "25 25 25 25", 2},
        PodVector{"down to one pod", 50, 2, "10 10", 1},
        PodVector{"idle pods propose none", 50, 2, "0 0", 0},
        PodVector{"110 % of the target is inside the tolerance", 50, 3, "55 55 55", 3},
        PodVector{"112 % of the target is outside", 50, 3, "56 56 56", 4},
        PodVector{"90 % of the target is inside the tolerance", 50, 10,
                  "45 45 45 45 45 45 45 45 45 45", 10},
        PodVector{"88 % of the target is outside", 50, 10, "44 44 44 44 44 44 44 44 44 44", 9},
        PodVector{"just below the tolerance a small target rounds up to the same count", 50, 3,
                  "44 44 44", 3},
        PodVector{"the percentage is cut off: 55.67 % is 55 %", 50, 3, "55 56 56", 3},
        PodVector{"the percentage is cut off: 44.67 % is 44 %", 50, 9, "44 45 45 44 45 45 44 45 45",
                  8},
        PodVector{"a target of 100 %", 100, 2, "150 150", 3},
        PodVector{"a target above 100 %", 150, 2, "300 300", 4},
        PodVector{"a target of 1 %", 1, 1, "100", 100},
        PodVector{"usage far above the request", 10, 1, "1000", 100},
        PodVector{"five pods at 65 % of a target of 30 %", 30, 5, "65 65 65 65 65", 11},
        PodVector{"more pods than spec.replicas count as they are", 50, 2, "80 80 80 80", 7},
        PodVector{"fewer pods than spec.replicas count as they are", 50, 5, "80 80 80", 5},
        PodVector{"overloaded, and yet fewer: HPA sees only two of five pods", 50, 5, "80 80", 4}));

INSTANTIATE_TEST_SUITE_P(
    NotReady, CpuUtilization,
    testing::Values(
        PodVector{"a pod that never was ready is left out on the way down", 50, 4, "20 20 20 90u",
                  2},
        PodVector{"and counts as idle on the way up", 50, 3, "90 90 30u", 4},
        PodVector{"up with one idle pod: 180 of 300 is 60 %", 50, 3, "90 90 90u", 4},
        PodVector{"up that an idle pod turns around holds", 50, 3, "60 90u 90u", 3},
        PodVector{"up that an idle pod brings into the tolerance holds", 50, 3, "80 80 80u", 3},
        PodVector{"a pod that was ready for long still counts", 50, 3, "90 90 90b", 6},
        PodVector{"a pod that was ready counts on the way down too", 50, 3, "20 20 20b", 2},
        PodVector{"a new pod whose sample began before it was ready is left out", 50, 3,
                  "20 20 90i", 1},
        PodVector{"and counts as idle on the way up", 50, 3, "90 90 90i", 4},
        PodVector{"no Ready condition is not ready", 50, 3, "20 20 90n", 1},
        PodVector{"Pending is not ready", 50, 3, "90 90 p", 4},
        PodVector{"Pending is left out on the way down", 50, 3, "20 20 p", 1},
        PodVector{"many pods pending stop the way up", 50, 6, "90 90 p p p p", 6},
        PodVector{"inside the tolerance, not ready pods change nothing", 50, 3, "50 50 90u", 3}));

INSTANTIATE_TEST_SUITE_P(
    Missing, CpuUtilization,
    testing::Values(
        PodVector{"on the way down a pod without a sample uses its whole request", 50, 4,
                  "10 10 10 -", 3},
        PodVector{"on the way down it may turn the direction: hold", 50, 3, "20 - -", 3},
        PodVector{"on the way down it may bring the tolerance: hold", 50, 4, "30 30 30 -", 4},
        PodVector{"on the way up it is idle", 50, 4, "90 90 90 -", 6},
        PodVector{"on the way up it may turn the direction: hold", 50, 4, "60 60 - -", 4},
        PodVector{"on the way up it may bring the tolerance: hold", 50, 3, "80 80 -", 3},
        PodVector{"exactly at the target nothing is filled in", 50, 4, "50 50 - -", 4},
        PodVector{"inside the tolerance the filled pods push down but not through", 50, 3,
                  "54 54 -", 3},
        PodVector{"above a target of 150 % a missing pod uses 150 % on the way down", 150, 4,
                  "30 30 30 -", 2},
        PodVector{"missing and not ready are both idle on the way up", 50, 4, "150 150 - 90u", 6},
        PodVector{"missing is full, not ready is left out on the way down", 50, 4, "10 10 - 90u",
                  3},
        PodVector{"more pods than spec.replicas: growth against the ratio holds", 50, 2,
                  "20 20 20 20 20 - ", 2},
        PodVector{"fewer pods than spec.replicas: shrinking against the ratio holds", 50, 9,
                  "95 95 95 -", 9}));

INSTANTIATE_TEST_SUITE_P(
    Ignored, CpuUtilization,
    testing::Values(PodVector{"a Failed pod does not count", 50, 3, "80 80 80 0f", 5},
                    PodVector{"nor on the way down", 50, 3, "20 20 20 500f", 2},
                    PodVector{"a pod being deleted does not count", 50, 2, "80 80 0d", 4},
                    PodVector{"nor on the way down", 50, 2, "20 20 500d", 1},
                    PodVector{"all but one ignored", 50, 3, "80 80f 80d", 2}));

class Averages : public testing::TestWithParam<PodVector> {};

TEST_P(Averages, OfPodsMetricsProposeAsHpaDoes) {
    const PodVector& vector = GetParam();
    const auto policy = a_policy().to_the_letter().pods_average(vector.target * 10);
    EXPECT_EQ(decide(policy, seen(vector.current, vector.pods)).uncapped, vector.expected);
}

INSTANTIATE_TEST_SUITE_P(
    OfPods, Averages,
    testing::Values(PodVector{"twice the target", 50, 2, "100 100", 4},
                    PodVector{"half the target", 50, 4, "25 25 25 25", 2},
                    PodVector{"inside the tolerance above", 50, 3, "55 55 55", 3},
                    PodVector{"inside the tolerance below", 50, 3, "45 45 45", 3},
                    PodVector{"readiness does not matter but for cpu", 50, 3, "20 20 140u", 4},
                    PodVector{"a missing pod is at the target on the way down", 50, 4, "10 10 10 -",
                              2},
                    PodVector{"a missing pod is at 0 on the way up", 50, 3, "90 90 -", 4},
                    PodVector{"a missing pod brings the tolerance: hold", 50, 2, "40 -", 2},
                    PodVector{"exactly at the target nothing is filled in", 50, 4, "50 50 - -", 4},
                    PodVector{"Pending is at 0 on the way up", 50, 3, "90 90 p", 4},
                    PodVector{"Pending is left out on the way down", 50, 3, "20 20 p", 1},
                    PodVector{"Failed and deleted are ignored", 50, 2, "80 80 0f 0d", 4},
                    PodVector{"none", 50, 2, "0 0", 0}));

class RawCpu : public testing::TestWithParam<PodVector> {};

TEST_P(RawCpu, AveragesFollowTheReadinessRules) {
    const PodVector& vector = GetParam();
    const auto policy = a_policy().to_the_letter().resource_average(vector.target * 10);
    EXPECT_EQ(decide(policy, seen(vector.current, vector.pods)).uncapped, vector.expected);
}

INSTANTIATE_TEST_SUITE_P(
    OfResources, RawCpu,
    testing::Values(PodVector{"up", 50, 2, "80 80", 4}, PodVector{"down", 50, 4, "20 20 20 20", 2},
                    PodVector{"not ready is left out on the way down", 50, 3, "20 20 140u", 1},
                    PodVector{"not ready is 0 on the way up", 50, 3, "90 90 90u", 4},
                    PodVector{"missing is at the target on the way down", 50, 3, "10 10 -", 2},
                    PodVector{"within", 50, 2, "52 52", 2}));

TEST(HpaVectors, MemoryCountsPodsThatAreNotReady) {
    const auto policy = a_policy().to_the_letter().utilization(50, "memory");
    EXPECT_EQ(decide(policy, seen(3, "90 90 90u")).uncapped, 6);
    EXPECT_EQ(decide(policy, seen(3, "20 20 20n")).uncapped, 2);
}

TEST(HpaVectors, OneContainerIsMeasuredAgainstItsOwnRequest) {
    auto observed = seen(2, "90 90");
    auto& samples = std::get<api::PodSamples>(observed.metrics[0]);
    for (std::size_t i = 0; i < observed.pods.size(); ++i) {
        observed.pods[i].containers.push_back(
            {"sidecar", {{"cpu", api::Quantity::from_milli(100)}}});
        samples.pods[i].containers.push_back({"sidecar", api::Quantity::from_milli(20)});
    }
    const auto app = a_policy().to_the_letter().container_utilization(50, "app");
    const auto sidecar = a_policy().to_the_letter().container_utilization(50, "sidecar");
    const auto both = a_policy().to_the_letter().utilization(50);
    EXPECT_EQ(decide(app, observed).uncapped, 4);      // 90 %
    EXPECT_EQ(decide(sidecar, observed).uncapped, 1);  // 20 %
    EXPECT_EQ(decide(both, observed).uncapped, 4);     // 920 of 1100: 83 %
}

TEST(HpaVectors, APodWithoutTheContainersSampleIsAnErrorToTheLetterAndMissingInOurs) {
    auto observed = seen(6, "10 10 10 10 10 10");
    std::get<api::PodSamples>(observed.metrics[0]).pods[2].containers[0].name = "other";
    const auto hpas = decide(a_policy().to_the_letter().container_utilization(50, "app"), observed);
    EXPECT_EQ(hpas.replicas, 6);
    EXPECT_EQ(hpas.metrics[0].reason, "MissingContainer");
    EXPECT_TRUE(hpas.error.has_value());
    const auto ours = decide(a_policy().container_utilization(50, "app"), observed);
    EXPECT_EQ(ours.uncapped, 3);  // 5 × 10 + 100 of 600: 25 %, ceil(0.5 × 6)
}

TEST(HpaVectors, RequestsOfThePodAsAWholeGoFirst) {
    auto observed = seen(2, "80 80");
    for (auto& pod : observed.pods) {
        pod.requests["cpu"] = api::Quantity::from_milli(2000);
    }
    EXPECT_EQ(decide(a_policy().to_the_letter().utilization(50), observed).uncapped, 2);  // 40 %
    const auto app = a_policy().to_the_letter().container_utilization(50, "app");
    EXPECT_EQ(decide(app, observed).uncapped, 4);  // 80 % of the container's own
}

TEST(HpaVectors, AnyMissingRequestIsAnError) {
    auto observed = seen(2, "80 80");
    observed.pods[1].containers.push_back({"sidecar", {}});
    const auto decision = decide(a_policy().to_the_letter().utilization(50), observed);
    EXPECT_EQ(decision.replicas, 2);
    EXPECT_EQ(decision.reason, api::DecisionReason::InvalidRequests);
    EXPECT_TRUE(decision.error.has_value());
}

TEST(HpaVectors, SamplesOfUnknownPodsCountInTheMeanToTheLetterOnly) {
    auto observed = seen(2, "80 80 80");
    observed.pods.pop_back();
    observed.pods.pop_back();
    auto to_the_letter = a_policy().to_the_letter().pods_average(500);
    EXPECT_EQ(decide(to_the_letter, observed).uncapped, 2);  // ceil(1.6 × 1 known pod)
    observed.metrics = {std::get<api::PodSamples>(seen(2, "80 20 20").metrics[0])};
    EXPECT_EQ(decide(to_the_letter, observed).uncapped, 1);  // mean 40: ceil(0.8 × 1)
    EXPECT_EQ(decide(a_policy().pods_average(500), observed).uncapped, 2);  // 80: up
}

}  // namespace
}  // namespace chatflow::scaling::test
