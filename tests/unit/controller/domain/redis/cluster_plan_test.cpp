#include "controller/domain/redis/cluster_plan.hpp"

#include "controller/domain/redis/cluster_moves.hpp"
#include "controller/domain/redis/cluster_status.hpp"
#include "tests/unit/controller/domain/redis/cluster_world.hpp"

#include <algorithm>
#include <numeric>

#include <gmock/gmock.h>

namespace chatflow::redis_topology {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Kind = ClusterStepKind;

TEST(ClusterView, ReadsWhatANodeSaysOfItsCluster) {
    const ClusterView view = cluster_from_nodes(
        "07c37d 10.96.0.4:6379@16379,feed-4 slave e7d1ee 0 1426238317239 4 connected\n"
        "67ed2d 10.96.0.2:6379@16379 master,fail - 0 1426238316232 2 disconnected 5461-10922\n"
        "e7d1ee 10.96.0.1:6379@16379 myself,master - 0 0 9 connected 0-5459 5460 [7->-67ed2d] "
        "[9-<-67ed2d]\n"
        "a1b2c3 :0@0 master,noaddr - 0 0 0 disconnected\n"
        "d4e5f6 10.96.0.9:6379@16379 handshake - 0 0 0 connected\n"
        "broken\n");
    EXPECT_EQ(view.id, "e7d1ee");
    ASSERT_THAT(view.known, SizeIs(5));
    EXPECT_EQ(view.known[0].endpoint, (Endpoint{"10.96.0.4", 6379}));
    EXPECT_EQ(view.known[0].master_id, "e7d1ee");
    EXPECT_TRUE(view.known[1].has_failed);
    EXPECT_THAT(view.known[1].slots, ElementsAre(SlotRange{5461, 10922}));
    EXPECT_THAT(view.known[2].slots, ElementsAre(SlotRange{0, 5459}, SlotRange{5460, 5460}));
    EXPECT_EQ(view.known[2].epoch, 9);
    EXPECT_THAT(view.open, ElementsAre(OpenSlot{7, "67ed2d", false}, OpenSlot{9, "67ed2d", true}));
    EXPECT_TRUE(view.known[3].has_failed);
    EXPECT_FALSE(view.known[4].is_met);
}

TEST(ClusterView, ReadsThePortOfANodeThatSpeaksTlsAlone) {
    const ClusterView view = cluster_from_nodes(
        "e7d1ee 10.96.0.1:0@16379,,tls-port=6379,shard-id=5c myself,master - 0 0 9 connected "
        "0-9\n");
    ASSERT_THAT(view.known, SizeIs(1));
    EXPECT_EQ(view.known[0].endpoint, (Endpoint{"10.96.0.1", 6379}));
}

TEST(EvenMoves, MoveTheLeastAndLeaveAnEvenLayoutAlone) {
    const auto sizes_after = [](std::vector<std::vector<int>> slots, int wanted) {
        for (const SlotMove& move : even_moves(slots, wanted)) {
            const auto from = static_cast<std::size_t>(move.from);
            const auto to = static_cast<std::size_t>(move.to);
            for (const int slot : move.slots) {
                EXPECT_EQ(std::erase(slots[from], slot), 1U);
                slots[to].push_back(slot);
            }
        }
        std::vector<std::size_t> sizes;
        for (const auto& each : slots) sizes.push_back(each.size());
        return sizes;
    };
    const auto range = [](int first, int count) {
        std::vector<int> slots(static_cast<std::size_t>(count));
        std::iota(slots.begin(), slots.end(), first);
        return slots;
    };
    EXPECT_THAT(even_moves({range(0, 4), range(4, 3), range(7, 3)}, 3), IsEmpty());
    EXPECT_THAT(even_moves({range(0, 3), range(3, 3), range(6, 4)}, 3), IsEmpty());
    EXPECT_THAT(sizes_after({range(0, 4), range(4, 4), range(8, 4), {}}, 4),
                ElementsAre(3, 3, 3, 3));
    EXPECT_THAT(sizes_after({range(0, 3), range(3, 3), range(6, 3), range(9, 3)}, 3),
                ElementsAre(4, 4, 4, 0));
    EXPECT_THAT(sizes_after({range(0, 10), {}, {}}, 3), ElementsAre(4, 3, 3));
}

TEST(ClusterPlan, CreatesShardsWithReplicasAndEvenSlots) {
    ClusterWorld world(3);
    world.settle();
    EXPECT_THAT(world.slots_per_shard(), ElementsAre(5462, 5461, 5461));
    EXPECT_TRUE(is_cluster_well(world.topology, world.observe()));
    EXPECT_EQ(world.node(1).master, world.node(0).id);
    EXPECT_EQ(world.node(5).master, world.node(4).id);
}

TEST(ClusterPlan, LeavesAClusterThatIsWellAlone) {
    ClusterWorld world(3);
    world.settle();
    const ClusterPlan plan = world.plan();
    EXPECT_THAT(plan.steps, IsEmpty());
    EXPECT_EQ(plan.waits_for, "");
    EXPECT_EQ(plan.counts.nodes, 6);
}

TEST(ClusterPlan, GrowsAndShrinksByMovingSlots) {
    ClusterWorld world(3);
    world.settle();
    world.topology.spec.shards = 4;
    EXPECT_THAT(world.settle(), Contains(Kind::Move));
    EXPECT_THAT(world.slots_per_shard(), ElementsAre(4096, 4096, 4096, 4096));

    world.topology.spec.shards = 3;
    // Pods go only after their slots have gone.
    EXPECT_EQ(world.plan().counts.nodes, 8);
    EXPECT_THAT(world.settle(), Contains(Kind::Forget));
    EXPECT_EQ(world.plan().counts.nodes, 6);
    EXPECT_THAT(world.slots_per_shard(), ElementsAre(5462, 5461, 5461));
}

TEST(ClusterPlan, WakesUpEveryShardThatSlept) {
    ClusterWorld world(4);
    world.settle();
    world.topology.spec.hibernated = true;
    EXPECT_EQ(world.plan().counts, (PodCounts{.asleep = 8}));
    Observed seen{.nodes_now = 0, .asleep = 8};
    world.topology.spec.hibernated = false;
    world.topology.spec.shards = 3;
    EXPECT_EQ(make_cluster_plan(world.topology, seen).counts.nodes, 8);
}

TEST(ClusterPlan, GivesOutNoSlotWhileANodeIsMissingOrHoldsKeys) {
    ClusterWorld world(3);
    world.settle(2);
    world.node(3).answers = false;
    EXPECT_THAT(world.settle(5), Not(Contains(Kind::Assign)));
    world.node(3).answers = true;
    world.node(2).keys = 1;
    EXPECT_THAT(world.settle(5), Not(Contains(Kind::Assign)));
    EXPECT_NE(world.plan().waits_for, "");
    world.node(2).keys = 0;
    EXPECT_THAT(world.settle(), Contains(Kind::Assign));
}

TEST(ClusterPlan, IntroducesNodesAgainThatHaveNewAddresses) {
    ClusterWorld world(3);
    world.settle();
    world.move_all();
    EXPECT_THAT(world.settle(), Each(Kind::Meet));
    EXPECT_TRUE(is_cluster_well(world.topology, world.observe()));
}

TEST(ClusterPlan, TakesInANodeThatLostItsVolumeAndForgetsWhoItWas) {
    ClusterWorld world(3);
    world.settle();
    const std::string old = world.node(2).id;
    world.lose_volume(2);
    world.settle();
    EXPECT_EQ(world.node(2).master, world.node(3).id);
    EXPECT_THAT(world.node(0).known, Not(Contains(old)));
    EXPECT_THAT(world.slots_per_shard(), ElementsAre(5462, 5461, 5461));
}

TEST(ClusterPlan, NeverTurnsAReplicaWithDataToAnEmptyNode) {
    ClusterWorld world(3);
    world.settle();
    const std::string gone = world.node(2).id;
    world.lose_volume(2, false);
    const auto done = world.settle(5);
    EXPECT_THAT(done, Not(Contains(Kind::Replicate)));
    EXPECT_THAT(done, Not(Contains(Kind::Assign)));
    EXPECT_THAT(done, Not(Contains(Kind::Forget)));
    EXPECT_EQ(world.node(3).master, gone);
}

TEST(ClusterPlan, RestartsReplicasFirstAndMastersAfterAFailover) {
    ClusterWorld world(3);
    world.settle();
    for (int i = 0; i < 6; ++i) world.node(i).revision = "r0";
    EXPECT_THAT(world.settle(), ElementsAre(Kind::Restart, Kind::Restart, Kind::Restart,
                                            Kind::Failover, Kind::Restart, Kind::Failover,
                                            Kind::Restart, Kind::Failover, Kind::Restart));
    EXPECT_TRUE(is_cluster_well(world.topology, world.observe()));
}

TEST(ClusterPlan, ReplacesPodsThatCannotStartOnceTheirTemplateHasChanged) {
    ClusterWorld world(3);
    Observed seen = world.observe();
    seen.nodes_now = 6;
    seen.pods = {{.name = "feed-4", .revision = "r1", .runs = false}};
    EXPECT_THAT(make_cluster_plan(world.topology, seen).steps, IsEmpty());
    seen.revision = "r2";
    const ClusterPlan plan = make_cluster_plan(world.topology, seen);
    ASSERT_EQ(plan.steps.size(), 1U);
    EXPECT_EQ(plan.steps[0].kind, Kind::Restart);
    EXPECT_EQ(plan.steps[0].pod, "feed-4");
}

TEST(ClusterPlan, RestartsNobodyWhileAReplicaIsNotInSync) {
    ClusterWorld world(3);
    world.settle();
    world.node(0).revision = "r0";
    world.node(5).link_up = false;
    EXPECT_THAT(world.plan().steps, IsEmpty());
    EXPECT_EQ(world.plan().waits_for, "feed-5 is not in sync");
}

TEST(ClusterPlan, PointsAReplicaToWhereItsMasterIsNow) {
    ClusterWorld world(3);
    world.settle();
    world.node(5).link_up = false;
    world.node(5).sought = world.node(4).endpoint;
    EXPECT_THAT(world.plan().steps, IsEmpty());
    world.node(5).sought = {"10.9.9.9", 6379};
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].kind, Kind::Replicate);
    EXPECT_EQ(world.plan().steps[0].id, world.node(4).id);
}

TEST(ClusterPlan, EndsAMoveThatWasBegun) {
    ClusterWorld world(3);
    world.settle();
    world.node(0).open = {{7, world.node(2).id, false}};
    world.node(2).open = {{7, world.node(0).id, true}};
    const ClusterPlan plan = world.plan();
    ASSERT_THAT(plan.steps, SizeIs(1));
    EXPECT_EQ(plan.steps[0].kind, Kind::Move);
    EXPECT_EQ(plan.steps[0].pod, "feed-0");
    EXPECT_THAT(plan.steps[0].slots, ElementsAre(7));
}

TEST(ClusterPlan, ClosesASlotThatHasArrived) {
    ClusterWorld world(3);
    world.settle();
    world.node(0).open = {{7, world.node(2).id, true}};
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].kind, Kind::Close);
}

TEST(ClusterPlan, FailsOverToAReplicaOnRequestAndToNobodyElse) {
    ClusterWorld world(3);
    world.settle();
    world.topology.spec.switchover = api::RedisSwitchover{"one", "feed-1"};
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].node, world.node(1).endpoint);
    world.topology.spec.switchover->target = "feed-0";
    EXPECT_EQ(world.plan().steps.at(0).node, Endpoint{});
    world.topology.status.last_switchover = api::RedisSwitchoverStatus{.request_id = "one"};
    EXPECT_THAT(world.plan().steps, IsEmpty());
}

TEST(ClusterPlan, ASwitchoverWithoutATargetGoesToTheReplicaWithTheLeastLag) {
    ClusterWorld world(3);
    world.settle();
    world.topology.spec.switchover = api::RedisSwitchover{.request_id = "one", .target = {}};
    Observed seen = world.observe();
    for (NodeView& node : seen.nodes) node.offset = node.role == NodeRole::Master ? 100 : 50;
    seen.nodes[3].offset = 99;
    ASSERT_EQ(seen.nodes[3].role, NodeRole::Replica);
    const ClusterPlan plan = make_cluster_plan(world.topology, seen);
    ASSERT_EQ(plan.steps.size(), 1U);
    EXPECT_EQ(plan.steps[0].kind, Kind::Failover);
    EXPECT_EQ(plan.steps[0].pod, "feed-3");
    EXPECT_EQ(plan.steps[0].node, seen.nodes[3].endpoint);
}

TEST(ClusterStatus, SaysWhoServesWhat) {
    ClusterWorld world(3);
    world.settle();
    auto status = next_cluster_status(world.topology, world.observe(), world.plan(), {});
    EXPECT_EQ(status.slots_assigned, 16384);
    ASSERT_THAT(status.shards, SizeIs(3));
    EXPECT_EQ(status.shards[1].master, "feed-2");
    EXPECT_EQ(status.replicas_summary, "3/3");
    EXPECT_EQ(api::find_condition(status.conditions, "Ready")->status, api::ConditionStatus::True);
    world.node(2).answers = false;
    status = next_cluster_status(world.topology, world.observe(), world.plan(), {});
    EXPECT_EQ(api::find_condition(status.conditions, "SlotsAssigned")->status,
              api::ConditionStatus::False);
}

}  // namespace
}  // namespace chatflow::redis_topology
