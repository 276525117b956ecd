#include "controller/domain/scaling/why_not.hpp"

#include "controller/domain/scaling/status.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <gmock/gmock.h>

namespace chatflow::scaling::test {
namespace {

using api::LimitedBy;
using api::ScaleDirection;
using testing::HasSubstr;
using testing::IsEmpty;

const api::ScalingPolicySpec kBand = a_policy().between(2, 20).cpu_band(70, 30, 60);

WhyNot ask(const api::ScalingPolicySpec& spec, const api::Observation& at,
           ScaleDirection direction) {
    api::ScalingPolicy policy;
    policy.metadata.generation = 1;
    policy.spec = spec;
    policy.status = next_status(policy, at, decide(spec, at), Applied::Yes);
    return why_not(policy, direction).value();
}

TEST(WhyNot, OfAWindowTellsWhenItEnds) {
    auto at = seen(6, "10 10 10 10 10 10");
    at.history.recommendations = {{kNow - 100s, 6}};
    const auto down = ask(kBand, at, ScaleDirection::Down);
    EXPECT_TRUE(down.is_asked_for);
    EXPECT_EQ(down.hindrances,
              (std::vector<Hindrance>{{LimitedBy::ScaleDownStabilization,
                                       "held by the scale-down window of 300 s", kNow + 210s}}));
    EXPECT_EQ(down.earliest, kNow + 210s);
}

TEST(WhyNot, InsideTheBandNothingHoldsTheWayUp) {
    const auto up = ask(kBand, seen(4, "50 50 50 50"), ScaleDirection::Up);
    EXPECT_FALSE(up.is_asked_for);
    EXPECT_THAT(up.demand, HasSubstr("cpu is at 50 % of requests, between 30 % and 70 %"));
    EXPECT_THAT(up.hindrances, IsEmpty());
    EXPECT_EQ(up.earliest, kNow + 15s);
}

TEST(WhyNot, InsideTheBandTheWindowStillHoldsTheWayDown) {
    const auto down = ask(kBand, seen(4, "50 50 50 50"), ScaleDirection::Down);
    EXPECT_FALSE(down.is_asked_for);
    ASSERT_EQ(down.hindrances.size(), 1U);
    EXPECT_EQ(down.hindrances[0].by, LimitedBy::ScaleDownStabilization);
    EXPECT_EQ(down.earliest, kNow + 300s);
}

TEST(WhyNot, ABoundHasNoEnd) {
    const auto up = ask(a_policy().between(2, 4).cpu_band(70, 30, 60), seen(4, "90 90 90 90"),
                        ScaleDirection::Up);
    EXPECT_EQ(
        up.hindrances,
        (std::vector<Hindrance>{{LimitedBy::MaxReplicas, "cut at maxReplicas (4)", std::nullopt}}));
    EXPECT_EQ(up.earliest, std::nullopt);
}

TEST(WhyNot, RulesThatFollowEachOtherAreAllTold) {
    auto spec = kBand;
    spec.pause = api::ScalingPause{false, true, "migration", kNow + 200s};
    auto at = seen(4, "10 10 10 10");
    at.history.recommendations = {{kNow - 30s, 4}};
    const auto down = ask(spec, at, ScaleDirection::Down);
    ASSERT_FALSE(down.hindrances.empty());
    EXPECT_EQ(down.hindrances[0].by, LimitedBy::ScaleDownStabilization);
    EXPECT_EQ(down.earliest, kNow + 270s);

    spec.pause->until = kNow + 400s;
    const auto longer = ask(spec, at, ScaleDirection::Down);
    ASSERT_EQ(longer.hindrances.size(), 2U);
    EXPECT_EQ(longer.hindrances[0].until, kNow + 270s);
    EXPECT_THAT(longer.hindrances[1].message, HasSubstr("scale-down is paused until"));
    EXPECT_EQ(longer.earliest, kNow + 405s) << "at the first evaluation after it";
}

TEST(WhyNot, WithoutDataNoPodGoes) {
    auto at = seen(4, "");
    at.metrics = {error()};
    const auto down = ask(kBand, at, ScaleDirection::Down);
    ASSERT_EQ(down.hindrances.size(), 1U);
    EXPECT_EQ(down.hindrances[0].message, "no pod goes while cpu has no data (QueryFailed)");
    EXPECT_EQ(down.earliest, std::nullopt);
}

TEST(WhyNot, AFreezeWithoutAnEndHoldsBothWays) {
    auto at = seen(4, "90 90 90 90");
    at.freeze = api::NamespaceFreeze{"incident 42", {}};
    for (const auto direction : {ScaleDirection::Up, ScaleDirection::Down}) {
        const auto answer = ask(kBand, at, direction);
        ASSERT_FALSE(answer.hindrances.empty());
        EXPECT_EQ(answer.hindrances.back().message, "the namespace is frozen: incident 42");
        EXPECT_EQ(answer.earliest, std::nullopt);
    }
}

TEST(WhyNot, ASpentFlapBudgetTellsWhenItIsFullAgain) {
    auto spec = kBand;
    spec.behavior = api::ScalingBehavior{
        .scale_up = {}, .scale_down = api::ScalingRules{.stabilization_window_seconds = 0}};
    spec.flap_budget = api::FlapBudget{1, 600};
    auto at = seen(4, "10 10 10 10");
    at.history.direction = ScaleDirection::Up;
    at.history.direction_changes = {{kNow - 300s, ScaleDirection::Up}};
    const auto down = ask(spec, at, ScaleDirection::Down);
    ASSERT_EQ(down.hindrances.size(), 1U);
    EXPECT_EQ(down.hindrances[0].by, LimitedBy::FlapBudget);
    EXPECT_EQ(down.earliest, kNow + 300s);
}

}  // namespace
}  // namespace chatflow::scaling::test
