#include "controller/domain/redis/route.hpp"

#include "controller/domain/redis/preference.hpp"

#include <gmock/gmock.h>

namespace chatflow::redis_topology {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Endpoint kFirst{"10.96.0.1", 6379};
const Endpoint kSecond{"10.96.0.2", 6379};
const std::vector<RoutedPod> kPods{{"q-0", kFirst, "10.244.0.5"}, {"q-1", kSecond, "10.244.1.6"}};

SentinelView sentinel(const Endpoint& master, std::int64_t epoch) {
    return {.reachable = true, .master = master, .epoch = epoch};
}

NodeView master(const Endpoint& endpoint, std::vector<FollowerView> followers = {}) {
    return {.endpoint = endpoint, .role = NodeRole::Master, .followers = std::move(followers)};
}

TEST(WriteRoute, FollowsANewerEpoch) {
    const auto next =
        next_write_route({{"10.244.0.5"}, 3}, sentinel(kSecond, 4), master(kSecond), kPods);
    EXPECT_EQ(next, (Route{{"10.244.1.6"}, 4}));
}

TEST(WriteRoute, NeverGoesBackToAnOlderEpoch) {
    EXPECT_EQ(next_write_route({{"10.244.1.6"}, 4}, sentinel(kFirst, 3), master(kFirst), kPods),
              std::nullopt);
}

TEST(WriteRoute, GoesOnlyToANodeThatSaysThatItIsMaster) {
    const NodeView replica{.endpoint = kSecond, .role = NodeRole::Replica};
    EXPECT_EQ(next_write_route({{"10.244.0.5"}, 3}, sentinel(kSecond, 4), replica, kPods),
              std::nullopt);
}

TEST(WriteRoute, FollowsTheMastersPodToItsNewAddressWithinAnEpoch) {
    EXPECT_EQ(next_write_route({{"10.244.0.9"}, 3}, sentinel(kFirst, 3), master(kFirst), kPods),
              (Route{{"10.244.0.5"}, 3}));
}

TEST(WriteRoute, IsLeftAloneWhereItIsRight) {
    EXPECT_EQ(next_write_route({{"10.244.0.5"}, 3}, sentinel(kFirst, 3), master(kFirst), kPods),
              std::nullopt);
}

/// Three Sentinels that began anew, two nodes, and a route of an epoch that nobody remembers.
struct Forgotten {
    std::vector<SentinelView> sentinels{3, sentinel(kFirst, 0)};
    std::vector<NodeView> nodes{master(kFirst), {.endpoint = kSecond, .role = NodeRole::Replica}};
    Route current{{"10.244.0.99"}, 7};

    [[nodiscard]] std::optional<Route> next() const {
        return forgotten_write_route(current, sentinels, 3, nodes, kPods);
    }
};

TEST(ForgottenRoute, LeadsToTheMasterAgainWhenItsPodIsGone) {
    const Forgotten world;
    EXPECT_EQ(next_write_route(world.current, world.sentinels[0], world.nodes[0], kPods),
              std::nullopt)
        << "one Sentinel alone may be cut off";
    EXPECT_EQ(world.next(), (Route{{"10.244.0.5"}, 0}));
}

TEST(ForgottenRoute, LeavesANodeThatSaysThatItIsAReplica) {
    Forgotten world;
    world.current.pod_ips = {"10.244.1.6"};
    EXPECT_EQ(world.next(), (Route{{"10.244.0.5"}, 0}));
    world.current.pod_ips = {"10.244.0.5"};
    EXPECT_EQ(world.next(), (Route{{"10.244.0.5"}, 0})) << "later epochs are lower, too";
}

// A Sentinel that was cut off has elected it, and the others have not heard of it.
TEST(ForgottenRoute, StaysWhereANewerMasterMayBe) {
    Forgotten world;
    world.current.pod_ips = {"10.244.1.6"};
    world.nodes[1].role = NodeRole::Master;
    EXPECT_EQ(world.next(), std::nullopt);
    world.nodes[1].role = NodeRole::Unreachable;
    EXPECT_EQ(world.next(), std::nullopt);
}

TEST(ForgottenRoute, NeedsAMajorityThatKnowsNoNewerEpochAndAMasterThatSaysSo) {
    Forgotten world;
    world.sentinels[2].epoch = 7;
    EXPECT_EQ(world.next(), std::nullopt);
    world = {};
    world.sentinels.resize(1);
    EXPECT_EQ(world.next(), std::nullopt);
    world = {};
    world.sentinels[1].failing_over = true;
    EXPECT_EQ(world.next(), std::nullopt);
    world = {};
    world.nodes[0].role = NodeRole::Replica;
    EXPECT_EQ(world.next(), std::nullopt);
    world = {};
    world.current.epoch = 0;
    EXPECT_EQ(world.next(), std::nullopt) << "the agents' own rule holds";
}

TEST(ForgottenRoute, OfReadersFollowsTheOneOfWriters) {
    Forgotten world;
    world.nodes[0].followers = {{kSecond, true, 10, 0}};
    const auto next = [&world](const Route& write) {
        return forgotten_read_route({{"10.244.0.98"}, 7}, write, world.sentinels, 3, world.nodes,
                                    kPods, 5);
    };
    EXPECT_EQ(next({{"10.244.0.99"}, 7}), std::nullopt);
    EXPECT_EQ(next({{"10.244.0.5"}, 0}), (Route{{"10.244.1.6"}, 0}));
}

TEST(ReadRoute, HoldsReplicasInSyncThatStay) {
    auto pods = kPods;
    pods.push_back({"q-2", {"10.96.0.3", 6379}, "10.244.0.7", true});
    const auto next = next_read_route(
        {}, sentinel(kFirst, 1),
        master(kFirst, {{kSecond, true, 10, 1}, {{"10.96.0.3", 6379}, true, 10, 0}}), pods, 5);
    ASSERT_TRUE(next);
    EXPECT_THAT(next->pod_ips, ElementsAre("10.244.1.6"));
}

TEST(ReadRoute, IsTheMasterWhenNoReplicaIsInSync) {
    const auto next = next_read_route({}, sentinel(kFirst, 1),
                                      master(kFirst, {{kSecond, true, 10, 6}}), kPods, 5);
    ASSERT_TRUE(next);
    EXPECT_THAT(next->pod_ips, ElementsAre("10.244.0.5"));
}

TEST(Electable, IsAReplicaThatHasItsFirstCopy) {
    const NodeView fresh{
        .endpoint = kSecond, .role = NodeRole::Replica, .link_up = true, .priority = 0};
    EXPECT_THAT(to_make_electable(master(kFirst, {{kSecond, true, 1, 0}}), {fresh}, kPods),
                ElementsAre(kSecond));
    EXPECT_TRUE(to_make_electable(master(kFirst), {fresh}, kPods).empty()) << "not online yet";
}

TEST(Electable, IsNoPodBeyondTheFirstThree) {
    const NodeView reader{
        .endpoint = kSecond, .role = NodeRole::Replica, .link_up = true, .priority = 0};
    const std::vector<RoutedPod> pods{{"q-3", kSecond, "10.244.1.6"}};
    EXPECT_TRUE(to_make_electable(master(kFirst, {{kSecond, true, 1, 0}}), {reader}, pods).empty());
}

TEST(Preferences, OfAHandOverThatHasDiedAreTakenBack) {
    using namespace std::chrono_literals;
    const std::chrono::steady_clock::time_point begin{};
    NodeView target{.endpoint = kFirst, .role = NodeRole::Replica, .priority = kPreferred};
    const NodeView other{.endpoint = kSecond, .role = NodeRole::Replica, .priority = 0};
    Preferences preferences;
    EXPECT_THAT(preferences.left_behind({target, other}, begin), IsEmpty());
    EXPECT_THAT(preferences.left_behind({target, other}, begin + 44s), IsEmpty());
    EXPECT_THAT(preferences.left_behind({target, other}, begin + 45s), ElementsAre(kFirst));

    target.priority = kNormal;  // and preferred by another one later
    EXPECT_THAT(preferences.left_behind({target}, begin + 50s), IsEmpty());
    target.priority = kPreferred;
    EXPECT_THAT(preferences.left_behind({target}, begin + 60s), IsEmpty());
}

TEST(Successor, IsTheFurthestReplicaThatMayBeElected) {
    const NodeView behind{.endpoint = kFirst,
                          .role = NodeRole::Replica,
                          .offset = 5,
                          .master = {"m", 1},
                          .link_up = true};
    NodeView ahead = behind;
    ahead.endpoint = kSecond;
    ahead.offset = 9;
    EXPECT_EQ(best_successor(master({"m", 1}), {behind, ahead}), kSecond);
    ahead.priority = 0;
    EXPECT_EQ(best_successor(master({"m", 1}), {behind, ahead}), kFirst);
}

}  // namespace
}  // namespace chatflow::redis_topology
