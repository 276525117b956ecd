#include "controller/domain/postgres/drill.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::postgres {
namespace {

using namespace std::chrono_literals;
using api::PostgresDrill;

constexpr TimePoint kNow{std::chrono::days{20'000}};
const std::optional<PostgresDrill> kAsked =
    PostgresDrill{.request_id = "nov", .every_days = 0, .timeout_minutes = 10};

TEST(DrillName, FitsATopologysNameAndTellsLongOnesApart) {
    EXPECT_EQ(drill_name("chat"), "chat-drill");
    EXPECT_EQ(drill_name(std::string(39, 'a')), std::string(39, 'a') + "-drill");
    const std::string one = drill_name(std::string(44, 'a') + "b");
    const std::string other = drill_name(std::string(44, 'a') + "c");
    EXPECT_EQ(one.size(), 45U);
    EXPECT_TRUE(one.ends_with("-drill"));
    EXPECT_NE(one, other);
}

TEST(RefusedDrill, HasFailedWithTheWords) {
    const auto status = refused_drill({.outcome = "Running"}, "exceeded quota", kNow);
    EXPECT_EQ(status.outcome, "Failed");
    EXPECT_EQ(status.message, "it was refused: exceeded quota");
    EXPECT_EQ(status.finished, kNow);
}

TEST(PlanDrill, BeginsOnceForEachRequestAndNotWithoutABackup) {
    EXPECT_EQ(plan_drill(kAsked, {}, false, {}, kNow).work, DrillWork::None);
    EXPECT_EQ(plan_drill(std::nullopt, {}, true, {}, kNow).work, DrillWork::None);
    const auto plan = plan_drill(kAsked, {}, true, {}, kNow);
    EXPECT_EQ(plan.work, DrillWork::Create);
    EXPECT_EQ(plan.status->outcome, "Running");
}

TEST(PlanDrill, DeletesWhatItMadeWhenThePrimaryTakesWrites) {
    const auto running = plan_drill(kAsked, {}, true, {}, kNow).status;
    SeenDrill seen{.exists = true};
    EXPECT_EQ(plan_drill(kAsked, running, true, seen, kNow + 1min).work, DrillWork::None);
    seen.is_primary_available = true;
    const auto plan = plan_drill(kAsked, running, true, seen, kNow + 2min);
    EXPECT_EQ(plan.work, DrillWork::Delete);
    EXPECT_EQ(plan.status->outcome, "Succeeded");
    EXPECT_EQ(plan.status->last_succeeded, kNow + 2min);
    EXPECT_EQ(plan_drill(kAsked, plan.status, true, seen, kNow + 3min).work, DrillWork::Delete)
        << "the deletion did not get through";
    EXPECT_EQ(plan_drill(kAsked, plan.status, true, {}, kNow + 4min).work, DrillWork::None);
}

TEST(PlanDrill, FailsAtItsTimeout) {
    const auto running = plan_drill(kAsked, {}, true, {}, kNow).status;
    const SeenDrill seen{.exists = true, .message = "the first primary is being made"};
    const auto plan = plan_drill(kAsked, running, true, seen, kNow + 10min);
    EXPECT_EQ(plan.work, DrillWork::Delete);
    EXPECT_EQ(plan.status->outcome, "Failed");
    EXPECT_TRUE(plan.status->message.contains("the first primary is being made"));
}

TEST(PlanDrill, ComesAgainAndRemembersTheLastSuccess) {
    const std::optional<PostgresDrill> monthly = PostgresDrill{.every_days = 30};
    api::PostgresDrillStatus done{.started = kNow, .finished = kNow + 1min, .last_succeeded = kNow};
    EXPECT_EQ(plan_drill(monthly, done, true, {}, kNow + 29 * 24h).work, DrillWork::None);
    const auto plan = plan_drill(monthly, done, true, {}, kNow + 30 * 24h);
    EXPECT_EQ(plan.work, DrillWork::Create);
    EXPECT_EQ(plan.status->last_succeeded, kNow);
}

TEST(DrillSpec, IsOneMemberFromTheRepository) {
    api::PostgresTopology chat;
    chat.metadata.name = "chat";
    chat.spec.backup.emplace().target.volume.emplace();
    chat.spec.pooler.emplace();
    const auto spec = drill_spec(chat);
    EXPECT_EQ(spec.members, 1);
    EXPECT_EQ(spec.bootstrap->recovery->source, "chat");
    EXPECT_FALSE(spec.backup);
    EXPECT_FALSE(spec.pooler);
}

}  // namespace
}  // namespace chatflow::postgres
