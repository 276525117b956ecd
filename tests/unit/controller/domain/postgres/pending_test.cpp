#include "controller/domain/postgres/pending.hpp"

#include "tests/unit/controller/domain/postgres/a_topology.hpp"

#include <gtest/gtest.h>

namespace chatflow::postgres {
namespace {

using api::PendingChange;
using std::chrono::seconds;

void pend(api::PatroniMember& member, const PendingChange& change) {
    member.pending_restart = true;
    member.pending.push_back(change);
}

const PendingChange kRaised{.parameter = "max_connections", .from = "100", .to = "120"};
const PendingChange kLowered{.parameter = "max_connections", .from = "120", .to = "100"};
const PendingChange kMemory{.parameter = "shared_buffers", .from = "256MB", .to = "128MB"};

TEST(Pending, ARaisedCapacityReachesTheStandbysFirst) {
    ATopology chat;
    for (auto& member : chat.seen.cluster->members) pend(member, kRaised);
    EXPECT_EQ(chat.visit().step->instance, "chat-1");
    EXPECT_FALSE(begins_with_primary(chat.member(0)));
}

TEST(Pending, ALoweredCapacityReachesThePrimaryFirstAndInPlace) {
    ATopology chat;
    for (auto& member : chat.seen.cluster->members) pend(member, kLowered);
    Plan plan = chat.visit();
    EXPECT_EQ(plan.step->kind, StepKind::RestartServer);
    EXPECT_EQ(plan.step->instance, "chat-0");
    EXPECT_TRUE(plan.step->reason.contains("max_connections 120 -> 100")) << plan.step->reason;
    chat.member(0).pending.clear();
    chat.member(0).pending_restart = false;
    chat.seen.now += seconds{10};
    plan = chat.visit();
    EXPECT_EQ(plan.step->kind, StepKind::RestartServer);
    EXPECT_EQ(plan.step->instance, "chat-1");
}

TEST(Pending, AStandbyThatHasMoreThanALoweredCapacityToTakeIsRestartedForThat) {
    ATopology chat;
    for (auto& member : chat.seen.cluster->members) {
        pend(member, kLowered);
        pend(member, kMemory);
    }
    EXPECT_EQ(chat.visit().step->instance, "chat-1");
    chat.member(2).pending = {kLowered};
    chat.member(1).pending = {kLowered};
    chat.seen.now += seconds{10};
    EXPECT_EQ(chat.visit().step->instance, "chat-0");
}

TEST(Pending, LessMemoryIsNoLoweredCapacity) {
    ATopology chat;
    for (auto& member : chat.seen.cluster->members) pend(member, kMemory);
    EXPECT_EQ(chat.visit().step->instance, "chat-1");
}

TEST(Pending, ARestartThatDidNotHelpIsNotRepeatedWithinTheHour) {
    ATopology chat;
    pend(chat.member(2), kMemory);
    EXPECT_EQ(chat.visit().step->instance, "chat-2");
    EXPECT_EQ(chat.visit_for(3500).step, std::nullopt);
    EXPECT_EQ(chat.visit_for(200).step->instance, "chat-2");
    chat.member(2).pending = {kRaised};
    EXPECT_EQ(chat.visit_for(60).step->instance, "chat-2") << "another change is another restart";
}

TEST(Pending, AStandbyThatHeardOfALoweredCapacityBeforeThePrimaryIsRestartedAgainAfterIt) {
    ATopology chat;
    pend(chat.member(2), kLowered);
    EXPECT_EQ(chat.visit().step->instance, "chat-2");
    pend(chat.member(0), kLowered);
    chat.seen.now += seconds{10};
    EXPECT_EQ(chat.visit().step->instance, "chat-0");
    chat.member(0).pending.clear();
    chat.member(0).pending_restart = false;
    chat.seen.now += seconds{10};
    EXPECT_EQ(chat.visit().step->instance, "chat-2");
    EXPECT_EQ(chat.visit_for(60).step, std::nullopt);
}

TEST(Pending, AChangeThatPatroniDoesNotNameIsARestart) {
    ATopology chat;
    chat.member(1).pending_restart = true;
    EXPECT_EQ(chat.visit().step->reason, "a parameter needs a restart");
}

}  // namespace
}  // namespace chatflow::postgres
