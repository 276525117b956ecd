#include "controller/cli/why_not_text.hpp"

#include "controller/cli/explanation.hpp"
#include "controller/cli/paragraphs.hpp"
#include "controller/domain/scaling/status.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using namespace scaling::test;
using testing::HasSubstr;

api::ScalingPolicy decided(api::ScalingPolicySpec spec, const api::Observation& at) {
    api::ScalingPolicy policy;
    policy.metadata = {.name = "chat-server", .name_space = "chat", .generation = 3};
    spec.target_ref = {"apps/v1", "Deployment", "chat-server"};
    policy.spec = std::move(spec);
    policy.status =
        scaling::next_status(policy, at, scaling::decide(policy.spec, at), scaling::Applied::Yes);
    return policy;
}

api::ScalingPolicySpec paused() {
    auto spec = a_policy().between(2, 20).cpu_band(70, 30, 60).spec();
    spec.pause = api::ScalingPause{true, false, "migration of the database", kNow + 1h};
    return spec;
}

TEST(WhyNotText, NamesTheRulesOfBothDirectionsAndTheEarliestMoment) {
    EXPECT_EQ(why_not_text(decided(paused(), seen(4, "90 90 90 90")), kNow + 5s), R"(
Why not more pods
  asked for: cpu is at 90 % of requests, above 70 %: 4 → 6 pods (aiming at 60 %)
  scale-up is paused until 2026-03-14T13:00:00Z: migration of the database
  at the earliest in 59m55s (2026-03-14T13:00:00Z)

Why not fewer pods
  not asked for: cpu is at 90 % of requests, above 70 %: 4 → 6 pods (aiming at
  60 %)
  held by the scale-down window of 300 s, until 2026-03-14T12:05:00Z
  at the earliest in 4m55s (2026-03-14T12:05:00Z), if asked for from now on
)");
}

TEST(WhyNotText, IsAlsoJson) {
    const auto json = why_not_json(decided(paused(), seen(4, "90 90 90 90")));
    EXPECT_EQ(json["up"]["askedFor"], true);
    EXPECT_EQ(json["up"]["because"][0]["rule"], "Pause");
    EXPECT_EQ(json["up"]["earliest"], "2026-03-14T13:00:00Z");
    EXPECT_EQ(json["down"]["because"][0]["until"], "2026-03-14T12:05:00Z");
}

TEST(WhyNotText, BeforeADecisionThereIsNone) {
    EXPECT_THAT(why_not_text({}, kNow), HasSubstr("Nothing has been decided"));
    EXPECT_TRUE(why_not_json({}).is_null());
}

TEST(Explain, ShowsWhatIsInForceAndTheLastChanges) {
    auto spec = a_policy().between(2, 20).cpu_band(70, 30, 60).spec();
    spec.schedules = {
        {.name = "office-hours", .start = "0 8 * * *", .end = "0 20 * * *", .min_replicas = 6}};
    const std::string text = explain(decided(spec, seen(4, "50 50 50 50")), kNow);
    EXPECT_THAT(text, HasSubstr("What is in force\n"
                                "  schedule office-hours is in force until 2026-03-14T20:00:00Z\n"
                                "  between 6 and 20 pods, instead of 2 and 20\n"));
    EXPECT_THAT(text, HasSubstr("Last changes\n"
                                "  2026-03-14T12:00:00Z  4 → 6 pods           OutsideBounds\n"));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(columns_of(line), kColumnsMax) << line;
    }
}

}  // namespace
}  // namespace chatflow::cli
