#include "controller/domain/postgres/plan.hpp"

#include "tests/unit/controller/domain/postgres/a_topology.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace chatflow::postgres {
namespace {

using std::chrono::seconds;

TEST(PlanNext, DoesNothingWhenAHundredVisitsFindEverythingAsItShouldBe) {
    ATopology chat;
    chat.visit();
    const auto status = chat.topology.status;
    for (int i = 0; i < 100; ++i) {
        chat.seen.now += seconds{5};
        EXPECT_EQ(chat.visit(), Plan{});
    }
    EXPECT_EQ(chat.topology.status, status);
}

TEST(PlanNext, ReplacesReadReplicasThenStandbysThenTheOldPrimary) {
    ATopology chat;
    chat.add_reader();
    chat.change_template();
    std::vector<std::string> order;
    for (int i = 0; i < 6; ++i) {
        const Plan plan = chat.visit_for(60);
        if (!plan.step) break;
        if (plan.step->kind == StepKind::Switchover) {
            order.push_back("switchover to " + *plan.step->target);
            chat.lead(*plan.step->target);
            continue;
        }
        EXPECT_EQ(plan.step->kind, StepKind::RestartPod);
        order.push_back(plan.step->instance);
        std::ranges::find(chat.seen.pods, plan.step->instance, &SeenPod::name)->revision = "r2";
    }
    EXPECT_EQ(order, (std::vector<std::string>{"chat-read-0", "chat-1", "chat-2",
                                               "switchover to chat-1", "chat-0"}));
}

TEST(PlanNext, ReplacesTheNextPodOnlyWhenTheLastOneIsBack) {
    ATopology chat;
    chat.change_template();
    ASSERT_EQ(chat.visit().step->instance, "chat-1");
    chat.seen.pods[1] = {.name = "chat-1", .revision = "r2", .wanted_revision = "r2"};
    chat.member(1).state = "starting";
    EXPECT_EQ(chat.visit_for(60).step, std::nullopt);
    EXPECT_EQ(chat.visit().waiting_for, "chat-1 before the next pod is replaced");
    chat.seen.pods[1].is_ready = true;
    chat.member(1).state = "streaming";
    EXPECT_EQ(chat.visit_for(60).step->instance, "chat-2");
}

void lose_the_primary(ATopology& chat) {
    chat.visit();
    chat.member(0).role = "replica";
    chat.member(0).state = "stopped";
    chat.seen.pods[0].is_ready = false;
}

TEST(PlanNext, ReplacesWhatIsNotReadyWhenAChangeMayBringThePrimaryBack) {
    ATopology chat;
    lose_the_primary(chat);
    EXPECT_FALSE(chat.visit_for(120).step) << "nothing has changed";
    chat.change_template();
    const Plan plan = chat.visit();
    ASSERT_TRUE(plan.step);
    EXPECT_EQ(plan.step->kind, StepKind::RestartPod);
    EXPECT_EQ(plan.step->instance, "chat-0");
}

TEST(PlanNext, SafeTakesLongerToFailOver) {
    ATopology chat;
    chat.topology.spec.failover.preset = api::FailoverPreset::Safe;
    lose_the_primary(chat);
    chat.change_template();
    EXPECT_FALSE(chat.visit_for(89).step);
    EXPECT_TRUE(chat.visit_for(5).step);
}

TEST(PlanNext, ReplacesNothingWhileAFailoverMayBeUnderWay) {
    ATopology chat;
    lose_the_primary(chat);
    chat.change_template();
    EXPECT_FALSE(chat.visit_for(59).step);
}

TEST(PlanNext, ReplacesAnUnhealthyStandbyThatIsOutdatedAnyway) {
    ATopology chat;
    chat.change_template();
    chat.seen.pods[1].is_ready = false;
    chat.member(1).state = "start failed";
    EXPECT_EQ(chat.visit().step->instance, "chat-1");
}

TEST(PlanNext, AParameterThatNeedsARestartReachesTheStandbysFirst) {
    ATopology chat;
    for (auto& member : chat.seen.cluster->members) member.pending_restart = true;
    Plan plan = chat.visit_for(60);
    EXPECT_EQ(plan.step->kind, StepKind::RestartServer);
    EXPECT_EQ(plan.step->instance, "chat-1");
    chat.member(1).pending_restart = false;
    chat.seen.now += seconds{10};
    EXPECT_EQ(chat.visit_for(60).step->instance, "chat-2");
    chat.member(2).pending_restart = false;
    chat.seen.now += seconds{10};
    plan = chat.visit_for(60);
    EXPECT_EQ(plan.step->kind, StepKind::Switchover);
    EXPECT_EQ(plan.step->instance, "chat-0");
    EXPECT_EQ(plan.step->target, "chat-1");
}

TEST(PlanNext, RestartsThePrimaryInPlaceWhereThatIsAskedFor) {
    ATopology chat;
    chat.topology.spec.primary_update = api::PrimaryUpdate::Restart;
    chat.member(0).pending_restart = true;
    EXPECT_EQ(chat.visit().step->kind, StepKind::RestartServer);
}

TEST(PlanNext, CarriesASwitchoverOutOnce) {
    ATopology chat;
    chat.topology.spec.switchover = api::PostgresSwitchover{
        .request_id = "a", .target = std::nullopt, .at = kStart + seconds{30}};
    EXPECT_EQ(chat.visit().step, std::nullopt) << "it is not time yet";
    const Plan plan = chat.visit_for(60);
    EXPECT_GE(chat.seen.now, kStart + seconds{30});
    EXPECT_EQ(plan.step->target, "chat-1");
    EXPECT_EQ(chat.topology.status.last_switchover, "a");
    chat.lead("chat-1");
    chat.seen.now += seconds{1};
    EXPECT_EQ(chat.visit_for(300).step, std::nullopt);
    ASSERT_TRUE(chat.topology.status.last_transition);
    EXPECT_TRUE(chat.topology.status.last_transition->planned);
    chat.topology.spec.switchover->request_id = "b";
    EXPECT_EQ(chat.visit().step->target, "chat-0");
}

/// The operator writes that it is about to ask Patroni, and is then away until `leader` leads.
void begin_and_die(ATopology& chat) {
    const Plan plan = plan_next(chat.topology, chat.seen);
    ASSERT_TRUE(plan.step && plan.step->kind == StepKind::Switchover);
    chat.topology.status = begun_status(chat.topology, chat.seen, plan);
}

TEST(PlanNext, ASwitchoverThatAnOperatorDiedOverIsNotCarriedOutTwice) {
    ATopology chat;
    chat.topology.spec.switchover =
        api::PostgresSwitchover{.request_id = "a", .target = std::nullopt, .at = std::nullopt};
    chat.visit_for(0);
    begin_and_die(chat);
    chat.lead("chat-1");
    EXPECT_FALSE(chat.visit_for(1000).step);
    EXPECT_EQ(chat.topology.status.last_switchover, "a");

    // There and back again: the timeline tells it.
    chat.topology.spec.switchover->request_id = "b";
    begin_and_die(chat);
    chat.member(1).timeline = 0;
    EXPECT_FALSE(chat.visit().step);
    EXPECT_EQ(chat.topology.status.last_switchover, "a")
        << "a timeline that is not told says nothing";
    for (auto& member : chat.seen.cluster->members) member.timeline = 3;
    EXPECT_FALSE(chat.visit_for(1000).step);
    EXPECT_EQ(chat.topology.status.last_switchover, "b");
}

TEST(PlanNext, ASwitchoverThatHasNotComeAboutIsAskedForAgainWithGrowingPauses) {
    ATopology chat;
    chat.topology.spec.switchover =
        api::PostgresSwitchover{.request_id = "a", .target = std::nullopt, .at = std::nullopt};
    for (const int pause : {30, 60, 120, 240, 480, 600, 600}) {
        begin_and_die(chat);
        EXPECT_FALSE(chat.visit_for(pause).step) << pause;
        EXPECT_EQ(plan_next(chat.topology, chat.seen).step->kind, StepKind::Switchover) << pause;
    }
    EXPECT_EQ(chat.topology.status.last_switchover, "");
    EXPECT_EQ(chat.topology.status.handover->attempts, 7);
}

TEST(PlanNext, WhileASwitchoverPausesTheRestGoesOn) {
    ATopology chat;
    chat.topology.spec.switchover =
        api::PostgresSwitchover{.request_id = "a", .target = std::nullopt, .at = std::nullopt};
    begin_and_die(chat);
    chat.change_template();
    EXPECT_EQ(chat.visit().step->instance, "chat-1");
}

TEST(PlanNext, WaitsWithASwitchoverForATargetThatHasEveryWrite) {
    ATopology chat;
    chat.topology.spec.switchover =
        api::PostgresSwitchover{.request_id = "a", .target = "chat-2", .at = std::nullopt};
    chat.member(2).role = "replica";
    EXPECT_EQ(chat.visit().step, std::nullopt);
    EXPECT_TRUE(chat.visit().waiting_for.contains("chat-2")) << chat.visit().waiting_for;
    chat.topology.spec.durability = api::Durability::None;
    EXPECT_EQ(chat.visit().step->target, "chat-2");
}

TEST(PlanNext, WaitsWithAHandOverUntilAnotherStandbyCanAcknowledge) {
    const auto asked = [] {
        ATopology chat;
        chat.topology.spec.switchover =
            api::PostgresSwitchover{.request_id = "a", .target = "chat-1", .at = std::nullopt};
        chat.member(2).role = "replica";  // it has just come back
        return chat;
    };
    ATopology chat = asked();
    EXPECT_EQ(chat.visit().step, std::nullopt);
    EXPECT_TRUE(chat.visit().waiting_for.contains("chat-2 to be synchronous"));
    chat.member(2).role = "quorum_standby";
    EXPECT_EQ(chat.visit().step->target, "chat-1");

    // Who cannot acknowledge soon is not waited for, nor is anybody where nobody has to.
    for (const auto change :
         {+[](ATopology& c) { c.member(2).state = "starting"; },
          +[](ATopology& c) { c.member(2).lag_bytes = 1LL << 40; },
          +[](ATopology& c) { c.topology.spec.fenced_instances = {"chat-2"}; },
          +[](ATopology& c) { c.seen.cluster->members.pop_back(); },
          +[](ATopology& c) { c.topology.spec.durability = api::Durability::None; }}) {
        chat = asked();
        change(chat);
        const Plan plan = chat.visit();
        ASSERT_TRUE(plan.step) << plan.waiting_for;
        EXPECT_EQ(plan.step->target, "chat-1");
    }
}

TEST(PlanNext, NeverHandsOverToAPodThatIsNotReady) {
    ATopology chat;
    chat.topology.spec.switchover =
        api::PostgresSwitchover{.request_id = "a", .target = std::nullopt, .at = std::nullopt};
    chat.seen.pods[1].is_ready = chat.seen.pods[2].is_ready = false;
    EXPECT_EQ(chat.visit().step, std::nullopt);
    chat.seen.pods[2].is_ready = true;
    EXPECT_EQ(chat.visit().step->target, "chat-2");
}

TEST(PlanNext, WhatWaitsHoldsUpNeitherHealingNorRollout) {
    ATopology broken;
    broken.topology.spec.switchover =
        api::PostgresSwitchover{.request_id = "a", .target = "chat-2", .at = std::nullopt};
    broken.member(2).state = "start failed";
    EXPECT_EQ(broken.visit_for(200).step->kind, StepKind::RestartPod);
    EXPECT_EQ(broken.visit_for(200).step->kind, StepKind::Reinitialize);
    EXPECT_TRUE(broken.visit_for(1000).step) << "and again";

    ATopology outdated;
    outdated.topology.spec.switchover = broken.topology.spec.switchover;
    outdated.topology.spec.durability = api::Durability::Required;
    outdated.member(2).role = "replica";
    outdated.change_template();
    EXPECT_EQ(outdated.visit().step->instance, "chat-2");

    ATopology fenced;
    fenced.topology.spec.fenced_instances = {"chat-0"};
    fenced.member(1).state = fenced.member(2).state = "start failed";
    EXPECT_EQ(fenced.visit_for(200).step->kind, StepKind::RestartPod);
}

TEST(PlanNext, ASwitchoverToThePrimaryIsDone) {
    ATopology chat;
    chat.topology.spec.switchover =
        api::PostgresSwitchover{.request_id = "a", .target = "chat-0", .at = std::nullopt};
    EXPECT_EQ(chat.visit().step, std::nullopt);
    EXPECT_EQ(chat.topology.status.last_switchover, "a");
}

TEST(PlanNext, DoesNothingWhilePausedOrHibernated) {
    ATopology chat;
    chat.change_template();
    chat.topology.spec.paused = true;
    EXPECT_EQ(chat.visit(), Plan{});
    chat.topology.spec.paused = false;
    chat.topology.spec.hibernated = true;
    EXPECT_EQ(chat.visit(), Plan{});
}

}  // namespace
}  // namespace chatflow::postgres
