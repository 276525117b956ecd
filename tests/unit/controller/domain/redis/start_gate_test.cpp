#include "controller/domain/redis/start_gate.hpp"

#include <gtest/gtest.h>

namespace chatflow::redis_topology {
namespace {

const Endpoint kSelf{"10.96.0.1", 6379};
const Endpoint kOther{"10.96.0.2", 6379};
const Endpoint kThird{"10.96.0.3", 6379};

SentinelView names(const Endpoint& master, std::vector<KnownReplica> replicas = {},
                   std::int64_t epoch = 1) {
    return {.reachable = true, .master = master, .epoch = epoch, .replicas = std::move(replicas)};
}

NodeView up(const Endpoint& endpoint, NodeRole role, std::int64_t keys) {
    return {.endpoint = endpoint, .role = role, .keys = keys};
}

GateInput a_node(bool has_data, std::vector<SentinelView> views, std::vector<NodeView> nodes = {}) {
    return {
        .self = kSelf, .has_data = has_data, .views = std::move(views), .nodes = std::move(nodes)};
}

TEST(StartGate, WaitsWithoutAMajorityOfSentinels) {
    EXPECT_EQ(decide_start(a_node(true, {names(kSelf), {}, {}})).start, Start::Wait);
    EXPECT_EQ(decide_start(a_node(true, {names(kOther), {}, {}})).start, Start::Wait);
}

TEST(StartGate, TheFirstNodeOfANewTopologyStartsAsMaster) {
    const auto views = std::vector{names(kSelf, {}, 0), names(kSelf, {}, 0), names(kSelf, {}, 0)};
    EXPECT_EQ(decide_start(a_node(false, views)).start, Start::AsMaster);
}

TEST(StartGate, ARestartedMasterWaitsWhileAMajorityKnowsAHealthyReplica) {
    const auto healthy = names(kSelf, {{kOther, true}});
    const auto lost = names(kSelf, {{kOther, false}});
    EXPECT_EQ(decide_start(a_node(true, {healthy, healthy, lost})).start, Start::Wait);
    EXPECT_EQ(decide_start(a_node(true, {healthy, lost, lost})).start, Start::AsMaster);
}

// Replicas that wait for their first copy, or only serve reads: nobody would ever become master.
TEST(StartGate, ARestartedMasterDoesNotWaitForReplicasThatMayNotBeElected) {
    const auto views = std::vector(3, names(kSelf, {{kOther, true, 0}}));
    EXPECT_EQ(decide_start(a_node(true, views)).start, Start::AsMaster);
    EXPECT_EQ(decide_start(a_node(false, views)).start, Start::Wait) << "it may have the data";

    const NodeView raised{.endpoint = kOther, .role = NodeRole::Replica, .priority = 100};
    EXPECT_EQ(decide_start(a_node(true, views, {raised})).start, Start::Wait)
        << "the Sentinels have not heard of it yet";
    const NodeView lowered{.endpoint = kOther, .role = NodeRole::Replica, .priority = 0};
    const auto old = std::vector(3, names(kSelf, {{kOther, true, 100}}));
    EXPECT_EQ(decide_start(a_node(true, old, {lowered})).start, Start::AsMaster);
}

// Sentinels answer NOGOODSLAVE then, for ever.
TEST(StartGate, ARestartedMasterDoesNotWaitForReplicasWhoseLinksWereDownForTooLong) {
    KnownReplica replica{.endpoint = kOther, .healthy = true, .link_down_ms = 50'001};
    auto view = names(kSelf, {replica});
    EXPECT_EQ(decide_start(a_node(true, {view, view, view})).start, Start::AsMaster);
    view.master_down_ms = 1;  // since then it is down for all
    EXPECT_EQ(decide_start(a_node(true, {view, view, view})).start, Start::Wait);
    view.replicas = {{kThird, true}, replica};
    view.master_down_ms = 0;
    EXPECT_EQ(decide_start(a_node(true, {view, view, view})).start, Start::Wait)
        << "another one can be elected";
}

TEST(StartGate, AnEmptyMasterWaitsWhileAnybodyMayHaveTheData) {
    const auto views = std::vector(3, names(kSelf, {{kOther, false}}));
    EXPECT_EQ(decide_start(a_node(false, views)).start, Start::Wait) << "it does not answer";
    EXPECT_EQ(decide_start(a_node(false, views, {up(kOther, NodeRole::Replica, 7)})).start,
              Start::Wait);
    EXPECT_EQ(decide_start(a_node(false, views, {up(kOther, NodeRole::Replica, 0)})).start,
              Start::AsMaster);
}

TEST(StartGate, AnEmptyMasterWaitsForDataThatTheSentinelsHaveNotHeardOf) {
    const auto views = std::vector(3, names(kSelf));
    EXPECT_EQ(decide_start(a_node(false, views, {up(kThird, NodeRole::Replica, 1)})).start,
              Start::Wait);
}

TEST(StartGate, FollowsTheMasterOfTheHighestEpoch) {
    const auto decision =
        decide_start(a_node(true, {names(kSelf, {}, 1), names(kSelf, {}, 1), names(kOther, {}, 2)},
                            {up(kOther, NodeRole::Master, 3)}));
    EXPECT_EQ(decision.start, Start::AsReplica);
    EXPECT_EQ(decision.master, kOther);
    EXPECT_TRUE(decision.electable);
}

TEST(StartGate, AReplicaWithoutDataIsNotElectable) {
    const auto views = std::vector(3, names(kOther));
    const auto decision = decide_start(a_node(false, views, {up(kOther, NodeRole::Master, 3)}));
    EXPECT_EQ(decision.start, Start::AsReplica);
    EXPECT_FALSE(decision.electable);
}

TEST(StartGate, AReplicaGivesAMasterThatIsOffAHeadStart) {
    auto input = a_node(true, std::vector(3, names(kOther)));
    EXPECT_EQ(decide_start(input).start, Start::Wait);
    input.waited = input.down_after + kMasterHeadStart;
    EXPECT_EQ(decide_start(input).start, Start::AsReplica);
}

TEST(StartGate, ANamedMasterNeedsAMajorityThatNamesIt) {
    const auto views = std::vector{names(kSelf, {}, 2), names(kOther, {}, 1), names(kOther, {}, 1)};
    EXPECT_EQ(decide_start(a_node(true, views)).start, Start::Wait);
}

}  // namespace
}  // namespace chatflow::redis_topology
