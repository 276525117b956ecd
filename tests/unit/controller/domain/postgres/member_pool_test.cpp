#include "controller/domain/postgres/member_pool.hpp"

#include "controller/domain/postgres/pods.hpp"
#include "tests/unit/controller/domain/postgres/a_topology.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {
namespace {

/// Five members that are to be three.
struct AShrinkingTopology : ATopology {
    AShrinkingTopology() {
        for (const char* name : {"chat-3", "chat-4"}) {
            seen.pods.push_back({.name = name, .is_ready = true});
            seen.cluster->members.push_back({.name = name,
                                             .role = "replica",
                                             .state = "streaming",
                                             .timeline = 1,
                                             .lag_bytes = 0});
        }
    }
    void remove_last() {
        seen.pods.pop_back();
        seen.cluster->members.pop_back();
    }
};

TEST(MemberPool, IsWhatIsWantedWhenNothingHasToGo) {
    ATopology chat;
    EXPECT_EQ(member_pool(chat.topology, chat.seen, 0), 3);
    EXPECT_EQ(member_pool(chat.topology, chat.seen, 3), 3);
    chat.topology.spec.members = 5;
    EXPECT_EQ(member_pool(chat.topology, chat.seen, 3), 5);
}

TEST(MemberPool, ShrinksByOneWhileAllOthersStream) {
    AShrinkingTopology chat;
    EXPECT_EQ(member_pool(chat.topology, chat.seen, 5), 4);
    EXPECT_EQ(member_pool(chat.topology, chat.seen, 4), 4) << "chat-4 is still there";
    chat.remove_last();
    EXPECT_EQ(member_pool(chat.topology, chat.seen, 4), 3);
    chat.member(1).state = "starting";
    EXPECT_EQ(member_pool(chat.topology, chat.seen, 4), 4);
}

TEST(MemberPool, APrimaryThatIsToGoHandsOverToOneThatStays) {
    AShrinkingTopology chat;
    chat.lead("chat-4");
    for (std::size_t i = 0; i < 3; ++i) chat.member(i).role = "replica";
    EXPECT_EQ(member_pool(chat.topology, chat.seen, 5), 5);
    EXPECT_FALSE(chat.visit().step) << "chat-3 is to go, too";
    chat.lead("chat-4");
    const Plan plan = chat.visit();
    ASSERT_TRUE(plan.step);
    EXPECT_EQ(plan.step->kind, StepKind::Switchover);
    EXPECT_EQ(plan.step->target, "chat-0");
    chat.lead("chat-0");
    EXPECT_EQ(member_pool(chat.topology, chat.seen, 5), 4);
}

TEST(MemberPool, NothingGoesWithoutAPrimary) {
    AShrinkingTopology chat;
    chat.member(0).role = "replica";
    EXPECT_EQ(member_pool(chat.topology, chat.seen, 5), 5);
    chat.seen.cluster.reset();
    EXPECT_EQ(member_pool(chat.topology, chat.seen, 5), 5);
}

TEST(MemberPool, TheStatefulSetFollowsIt) {
    ATopology chat;
    EXPECT_EQ(pool_spec(chat.topology, Pool::Member, {.members = 4})["replicas"], 4);
    EXPECT_EQ(pool_spec(chat.topology, Pool::Member, {})["replicas"], 3);
    chat.topology.spec.hibernated = true;
    EXPECT_EQ(pool_spec(chat.topology, Pool::Member, {.members = 4})["replicas"], 0);
}

}  // namespace
}  // namespace chatflow::postgres
