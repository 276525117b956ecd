#include "controller/domain/scaling/outlook.hpp"

#include "controller/domain/scaling/status.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <gmock/gmock.h>

namespace chatflow::scaling::test {
namespace {

using testing::IsEmpty;

api::ScalingPolicy decided(api::ScalingPolicySpec spec, const api::Observation& at) {
    api::ScalingPolicy policy;
    policy.metadata.generation = 1;
    policy.spec = std::move(spec);
    policy.status = next_status(policy, at, decide(policy.spec, at), Applied::Yes);
    return policy;
}

const api::ScalingPolicySpec kBand = a_policy().between(2, 20).cpu_band(70, 30, 60);

TEST(Outlook, NothingLiesAheadInsideTheBand) {
    EXPECT_THAT(outlook(decided(kBand, seen(4, "50 50 50 50"))), IsEmpty());
}

TEST(Outlook, TheWindowEndsWhenItsGreatestRecommendationLeavesIt) {
    auto at = seen(6, "10 10 10 10 10 10");
    at.history.recommendations = {{kNow - 100s, 6}};
    EXPECT_EQ(outlook(decided(kBand, at)), (std::vector<OutlookStep>{{kNow + 210s, 6, 2}}))
        << "at the first evaluation, every 15 s, after 300 s";
}

TEST(Outlook, FollowsTheStepsOfARatePolicy) {
    auto spec = kBand;
    spec.behavior =
        api::ScalingBehavior{.scale_up = {},
                             .scale_down = api::ScalingRules{.stabilization_window_seconds = 0,
                                                             .policies = {pods_per(2, 60)}}};
    const auto policy = decided(spec, seen(7, "10 10 10 10 10 10 10"));
    ASSERT_EQ(policy.status.desired_replicas, 5);
    EXPECT_EQ(outlook(policy), (std::vector<OutlookStep>{{kNow + 60s, 5, 3}, {kNow + 120s, 3, 2}}));
}

TEST(Outlook, AFallbackFallsDue) {
    auto spec = kBand;
    spec.on_missing_metrics = {api::MissingMetricsPolicy::Fallback, 600, 9};
    EXPECT_EQ(outlook(decided(spec, seen(4, "- - - -"))),
              (std::vector<OutlookStep>{{kNow + 600s, 4, 9}}));
    EXPECT_THAT(outlook(decided(kBand, seen(4, "- - - -"))), IsEmpty());
}

TEST(Outlook, IsUnknownForASpecThatWasNotDecidedBy) {
    auto at = seen(6, "10 10 10 10 10 10");
    at.history.recommendations = {{kNow - 100s, 6}};
    auto policy = decided(kBand, at);
    policy.metadata.generation = 2;
    EXPECT_THAT(outlook(policy), IsEmpty());
}

}  // namespace
}  // namespace chatflow::scaling::test
