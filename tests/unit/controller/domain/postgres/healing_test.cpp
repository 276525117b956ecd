#include "controller/domain/postgres/healing.hpp"

#include "tests/unit/controller/domain/postgres/a_topology.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace chatflow::postgres {
namespace {

using std::chrono::seconds;

TEST(PlanHealing, HealsByANewStartThenByACloneAndNotTooOften) {
    ATopology chat;
    chat.member(2).state = "start failed";
    Plan plan = chat.visit_for(1000);
    EXPECT_EQ(plan.step->kind, StepKind::RestartPod);
    EXPECT_GE(chat.seen.now - kStart, seconds{150});
    plan = chat.visit_for(1000);
    EXPECT_EQ(plan.step->kind, StepKind::Reinitialize);
    EXPECT_EQ(plan.step->instance, "chat-2");
    EXPECT_GE(chat.seen.now - kStart, seconds{300});
    EXPECT_EQ(chat.visit_for(1000).step->kind, StepKind::Reinitialize);
    EXPECT_EQ(chat.visit_for(1000).step, std::nullopt) << "two clones within the hour are enough";
    EXPECT_TRUE(chat.visit().waiting_for.contains("maxPerHour"));
    EXPECT_EQ(chat.visit_for(3600).step->kind, StepKind::Reinitialize);
}

TEST(PlanHealing, GivesAFreshCloneTheWholeTimeBeforeTheNext) {
    ATopology chat;
    chat.member(2).state = "start failed";
    while (chat.visit_for(1000).step->kind != StepKind::Reinitialize) {
    }
    chat.member(2).state = "creating replica";
    EXPECT_EQ(chat.visit_for(2000).step, std::nullopt);
    chat.member(2).state = "starting";
    EXPECT_EQ(chat.visit_for(290).step->kind, StepKind::RestartPod);
    EXPECT_EQ(chat.visit_for(100).step, std::nullopt);
}

TEST(PlanHealing, AContainerThatItsKubeletHoldsBackHasANewPodSoonAndOnce) {
    ATopology chat;
    chat.member(2).state = "stopped";
    chat.seen.pods[2].is_held_back = true;
    const Plan plan = chat.visit_for(100);
    ASSERT_TRUE(plan.step);
    EXPECT_EQ(plan.step->kind, StepKind::RestartPod);
    EXPECT_EQ(plan.step->instance, "chat-2");
    EXPECT_TRUE(plan.step->reason.contains("holds it back, for 20 s")) << plan.step->reason;
    const Plan next = chat.visit_for(1000);
    EXPECT_EQ(next.step->kind, StepKind::Reinitialize);
    EXPECT_GE(chat.seen.now - kStart, seconds{300}) << "a new pod is no reason to clone earlier";
}

TEST(PlanHealing, AContainerThatIsHeldBackForAMomentIsWaitedFor) {
    ATopology chat;
    chat.member(2).state = "stopped";
    chat.seen.pods[2].is_held_back = true;
    EXPECT_FALSE(chat.visit_for(15).step);
    chat.seen.pods[2].is_held_back = false;
    EXPECT_FALSE(chat.visit_for(30).step);
}

TEST(PlanHealing, LeavesACloneUnderWayAlone) {
    ATopology chat;
    chat.member(2).state = "creating replica";
    EXPECT_EQ(chat.visit_for(3000).step, std::nullopt);
}

TEST(PlanHealing, HealsAStandbyThatRunsAndDoesNotStream) {
    ATopology chat;
    chat.member(2).state = "running";
    EXPECT_FALSE(chat.visit_for(100).step) << "it may have just started";
    const Plan plan = chat.visit_for(60);
    ASSERT_TRUE(plan.step);
    EXPECT_EQ(plan.step->kind, StepKind::RestartPod);
    EXPECT_EQ(plan.step->instance, "chat-2");
    EXPECT_EQ(chat.visit_for(200).step->kind, StepKind::Reinitialize);
}

/// Standbys whose data remain.
int copies(const ATopology& chat) {
    const auto has_data = [&](const api::PatroniMember& member) {
        return member.role != "leader" && !is_cloning(member) &&
               !std::ranges::contains(chat.topology.status.cloning, member.name);
    };
    return static_cast<int>(std::ranges::count_if(chat.seen.cluster->members, has_data));
}

// Whatever is seen: without a running primary nothing is done, the primary's data is never removed,
// and of the standbys' data never the last.
TEST(PlanHealing, NeverTouchesTheLastHealthyCopy) {
    std::mt19937 random(7);
    const std::vector<std::string> states{"running",      "streaming",        "starting",
                                          "start failed", "stopped",          "crashed",
                                          "stopping",     "creating replica", "restart failed"};
    for (int round = 0; round < 200; ++round) {
        ATopology chat;
        chat.topology.spec.healing.max_per_hour = 60;
        for (auto& member : chat.seen.cluster->members) {
            member.state = states[random() % states.size()];
            member.pending_restart = random() % 3 == 0;
            if (random() % 3 == 0) {
                member.lag_bytes.reset();
            } else {
                member.lag_bytes = random() % 3;
            }
        }
        if (random() % 3 == 0) chat.member(0).role = "replica";
        if (random() % 3 == 0) chat.change_template();
        for (int i = 0; i < 300; ++i) {
            const int before = copies(chat);
            const Plan plan = chat.visit();
            chat.seen.now += seconds{5};
            const auto* leader = leader_of(chat.seen);
            const bool has_primary = leader != nullptr && leader->state == "running";
            ASSERT_TRUE(has_primary || !plan.step);
            if (!plan.step || plan.step->kind != StepKind::Reinitialize) continue;
            ASSERT_NE(plan.step->instance, leader->name);
            ASSERT_TRUE(copies(chat) == before || copies(chat) >= 1)
                << plan.step->instance << ": " << plan.step->reason;
            // A clone fails, and its member is stopped until the next attempt.
            auto& cloned = *std::ranges::find(chat.seen.cluster->members, plan.step->instance,
                                              &api::PatroniMember::name);
            cloned.state = random() % 2 == 0 ? "stopped" : "creating replica";
        }
    }
}

TEST(PlanHealing, ClonesOneStandbyAtATimeAndTheNextWhenItStreams) {
    ATopology chat;
    chat.topology.spec.healing.max_per_hour = 10;
    chat.member(1).state = chat.member(2).state = "running";
    const auto next_clone = [&](int within) {
        for (const TimePoint end = chat.seen.now + seconds{within}; chat.seen.now < end;
             chat.seen.now += seconds{1}) {
            const Plan plan = chat.visit();
            if (plan.step && plan.step->kind == StepKind::Reinitialize) return plan.step->instance;
        }
        return std::string{};
    };
    ASSERT_EQ(next_clone(400), "chat-1");
    // The clone fails, again and again: its data are gone, and those of chat-2 have to stay.
    chat.member(1).state = "stopped";
    EXPECT_EQ(next_clone(250), "");
    EXPECT_TRUE(chat.visit().waiting_for.contains("chat-1, which is being cloned,"))
        << chat.visit().waiting_for;
    EXPECT_EQ(next_clone(400), "chat-1") << "it holds nothing: it may be cloned again";
    chat.lead("chat-0");
    chat.member(2).state = "running";
    EXPECT_EQ(next_clone(20), "chat-2");
}

TEST(PlanHealing, NeverClonesTheOneThatIsFurthestWhileNoneStreams) {
    ATopology chat;
    chat.member(1).state = chat.member(2).state = "running";
    chat.member(1).lag_bytes = 100;
    chat.member(2).lag_bytes = 200;
    Plan plan;
    while (!plan.step || plan.step->kind != StepKind::Reinitialize) plan = chat.visit_for(1000);
    EXPECT_EQ(plan.step->instance, "chat-2");
}

TEST(PlanHealing, ALoneStandbyOfThreeIsKeptAndOneOfTwoIsCloned) {
    ATopology chat;
    chat.member(1).state = "start failed";
    chat.seen.pods.pop_back();
    chat.seen.cluster->members.pop_back();
    ASSERT_EQ(chat.visit_for(200).step->kind, StepKind::RestartPod);
    EXPECT_FALSE(chat.visit_for(1000).step);
    EXPECT_TRUE(chat.visit().waiting_for.contains("another standby")) << chat.visit().waiting_for;
    chat.topology.spec.members = 2;
    EXPECT_EQ(chat.visit_for(1000).step->kind, StepKind::Reinitialize);
}

TEST(PlanHealing, CountsClonesAlsoBehindManyOtherActions) {
    ATopology chat;
    chat.topology.spec.healing.max_per_hour = 1;
    chat.member(2).state = "start failed";
    Plan plan;
    while (!plan.step || plan.step->kind != StepKind::Reinitialize) plan = chat.visit_for(1000);
    for (int i = 0; i < 40; ++i) {
        chat.topology.status = next_status(
            chat.topology, chat.seen,
            {.step = Step{.kind = StepKind::RestartPod, .instance = "chat-9", .reason = "r"}});
        chat.seen.now += seconds{1};
    }
    EXPECT_EQ(chat.topology.status.actions.size(), 12U) << "ten, the new start and the clone";
    EXPECT_FALSE(chat.visit_for(1000).step);
}

TEST(PlanHealing, NoClonesAtAllStillMeansNewStarts) {
    ATopology chat;
    chat.topology.spec.healing.max_per_hour = 0;
    chat.member(2).state = "start failed";
    EXPECT_EQ(chat.visit_for(200).step->kind, StepKind::RestartPod);
    EXPECT_FALSE(chat.visit_for(1000).step);
    EXPECT_EQ(chat.visit().waiting_for, "");
    chat.member(1).state = "start failed";
    EXPECT_EQ(chat.visit_for(200).step->instance, "chat-1");
}

}  // namespace
}  // namespace chatflow::postgres
