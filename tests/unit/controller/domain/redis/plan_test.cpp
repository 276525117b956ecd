#include "controller/domain/redis/plan.hpp"

#include "controller/domain/redis/config.hpp"
#include "controller/domain/redis/replies.hpp"
#include "controller/domain/redis/status.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace chatflow::redis_topology {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

const TimePoint kNow = TimePoint{} + 1000h;

Endpoint at(int node) { return {fmt::format("10.96.0.{}", node), 6379}; }

/// A master q-0 with two replicas, three Sentinels, all well.
struct World {
    api::RedisTopology topology;
    Observed seen{.now = kNow, .nodes_now = 3, .revision = "r1"};

    World() {
        topology.metadata.name = "q";
        topology.metadata.uid = "u";
        for (int i = 0; i < 3; ++i) add_node(i);
        for (int i = 0; i < 3; ++i) {
            seen.sentinels.push_back({.endpoint = {fmt::format("10.96.1.{}", i), 26379},
                                      .reachable = true,
                                      .master = at(0),
                                      .epoch = 1,
                                      .other_sentinels = 2,
                                      .quorum = 2,
                                      .down_after_ms = 5000,
                                      .failover_timeout_ms = 20'000,
                                      .replicas = {{at(1), true}, {at(2), true}}});
        }
    }

    void add_node(int i) {
        const std::string name = fmt::format("q-{}", i);
        seen.pods.push_back({.name = name, .uid = name, .ip = "10.244.0.1", .revision = "r1"});
        seen.addresses.push_back({name, at(i), "10.244.0.1"});
        seen.nodes.push_back({.endpoint = at(i),
                              .role = i == 0 ? NodeRole::Master : NodeRole::Replica,
                              .master = i == 0 ? Endpoint{} : at(0),
                              .link_up = i != 0,
                              .priority = i < 3 ? 100 : 0});
    }

    [[nodiscard]] Plan plan() const { return make_plan(topology, seen); }
};

TEST(RedisPlan, LeavesATopologyThatIsWellAlone) {
    const World world;
    EXPECT_THAT(world.plan().steps, IsEmpty());
    EXPECT_EQ(world.plan().waits_for, "");
    EXPECT_EQ(world.plan().counts.nodes, 3);
}

TEST(RedisPlan, RestartsReplicasFirstAndTheMasterAfterASwitchover) {
    World world;
    world.seen.revision = "r2";
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].kind, StepKind::Restart);
    EXPECT_EQ(world.plan().steps[0].pod, "q-2");
    world.seen.pods[2].revision = world.seen.pods[1].revision = "r2";
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].kind, StepKind::Switchover);
    EXPECT_NE(world.plan().steps[0].pod, "q-0");
}

TEST(RedisPlan, RestartsNobodyWhileAReplicaIsMissing) {
    World world;
    world.seen.revision = "r2";
    world.seen.nodes[1].link_up = false;
    EXPECT_THAT(world.plan().steps, IsEmpty());
    EXPECT_NE(world.plan().waits_for, "");
}

TEST(RedisPlan, ReplacesAPodThatCannotStartOnceItsTemplateHasChanged) {
    World world;
    world.seen.pods[2].runs = false;
    world.seen.nodes[2].role = NodeRole::Unreachable;
    EXPECT_THAT(world.plan().steps, IsEmpty()) << "the same template would not start either";
    world.seen.revision = "r2";
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].kind, StepKind::Restart);
    EXPECT_EQ(world.plan().steps[0].pod, "q-2");
    world.seen.pods[2].leaving = true;
    EXPECT_THAT(world.plan().steps, IsEmpty());
}

TEST(RedisPlan, ReplacesPodsThatCannotStartOfATopologyWithoutAMaster) {
    World world;
    world.seen.sentinels.clear();
    for (PodView& pod : world.seen.pods) pod.runs = false;
    world.seen.sentinel_pods = {{.name = "q-sentinel-0", .revision = "s1", .runs = false}};
    world.seen.revision = "r2";
    world.seen.sentinel_revision = "s2";
    ASSERT_THAT(world.plan().steps, SizeIs(4));
    EXPECT_EQ(world.plan().steps[3].kind, StepKind::RestartSentinel);
}

TEST(RedisPlan, ReplacesAReplicaThatDoesNotAnswerAndNeverTheMaster) {
    World world;
    world.seen.revision = "r2";
    world.seen.nodes[1].role = NodeRole::Unreachable;
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].pod, "q-1");
    world.seen.nodes[0].role = NodeRole::Unreachable;
    EXPECT_THAT(world.plan().steps, IsEmpty());
}

TEST(RedisPlan, RestartsFirstTheSentinelWhoseAgentCannotStart) {
    World world;
    world.seen.sentinel_revision = "s2";
    for (int i = 0; i < 3; ++i) {
        world.seen.sentinel_pods.push_back(
            {.name = fmt::format("q-sentinel-{}", i), .revision = "s1", .ready = i != 1});
    }
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].pod, "q-sentinel-1");
}

TEST(RedisPlan, WaitsForAPodThatEndsAndForTheNewRevision) {
    World world;
    world.seen.pods[2].leaving = true;
    EXPECT_THAT(world.plan().steps, IsEmpty());
    EXPECT_NE(world.plan().waits_for, "");
    world.seen.pods[2].leaving = false;
    world.seen.revision.clear();
    EXPECT_NE(world.plan().waits_for, "");
}

TEST(RedisPlan, RestartsSentinelsOneByOneWhileAllOthersAgree) {
    World world;
    world.seen.sentinel_revision = "s2";
    for (int i = 0; i < 3; ++i) {
        world.seen.sentinel_pods.push_back({.name = fmt::format("q-sentinel-{}", i),
                                            .revision = i == 0 ? "s2" : "s1",
                                            .ready = true});
    }
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].kind, StepKind::RestartSentinel);
    EXPECT_EQ(world.plan().steps[0].pod, "q-sentinel-1");
    world.seen.sentinel_pods[1].leaving = true;
    EXPECT_THAT(world.plan().steps, IsEmpty());
    EXPECT_NE(world.plan().waits_for, "");
    world.seen.sentinel_pods[1] = {.name = "q-sentinel-1", .revision = "s2", .ready = false};
    EXPECT_THAT(world.plan().steps, IsEmpty());
    world.seen.sentinel_pods[1].ready = true;
    EXPECT_EQ(world.plan().steps[0].pod, "q-sentinel-2");
    world.seen.sentinels[2].reachable = false;
    EXPECT_THAT(world.plan().steps, IsEmpty());
}

TEST(RedisPlan, CarriesOutARequestedSwitchoverOnce) {
    World world;
    world.topology.spec.switchover = api::RedisSwitchover{"one", "q-2"};
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].pod, "q-2");
    world.topology.status.last_switchover = api::RedisSwitchoverStatus{.request_id = "one"};
    EXPECT_THAT(world.plan().steps, IsEmpty());
}

TEST(RedisPlan, DrainsAReplicaBeforeItTakesItAway) {
    World world;
    world.topology.spec.replicas = 1;
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].kind, StepKind::Drain);
    EXPECT_EQ(world.plan().counts.nodes, 3);
    world.seen.pods[2].draining_since = kNow - 5s;
    EXPECT_EQ(world.plan().counts.nodes, 3);
    world.seen.pods[2].draining_since = kNow - 10s;
    EXPECT_EQ(world.plan().counts.nodes, 2);
}

TEST(RedisPlan, TakesNobodyAwayBeforeWhoStaysIsInSync) {
    World world;
    world.topology.spec.replicas = 1;
    world.seen.pods[2].draining_since = kNow - 60s;
    world.seen.nodes[1].link_up = false;
    EXPECT_EQ(world.plan().counts.nodes, 3);
    EXPECT_THAT(world.plan().waits_for, testing::HasSubstr("q-1"));
    world.seen.nodes[1].link_up = true;
    world.seen.nodes[2].role = NodeRole::Unreachable;
    EXPECT_EQ(world.plan().counts.nodes, 2) << "who is to go need not be well";
}

TEST(RedisPlan, LeadsReadersBackToAReplicaThatStaysAfterAll) {
    World world;
    world.seen.pods[2].draining_since = kNow - 5s;
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].kind, StepKind::Return);
    EXPECT_EQ(world.plan().steps[0].pod, "q-2");
    world.topology.spec.replicas = 1;
    EXPECT_THAT(world.plan().steps, IsEmpty());
}

TEST(RedisPlan, MovesTheMasterAwayFromAPodThatIsToGo) {
    World world;
    world.topology.spec.replicas = 1;
    world.seen.nodes[0].role = NodeRole::Replica;
    for (NodeView& node : world.seen.nodes) {
        node.master = at(2);
        node.link_up = true;
    }
    world.seen.nodes[2] = {.endpoint = at(2), .role = NodeRole::Master};
    for (SentinelView& sentinel : world.seen.sentinels) sentinel.master = at(2);
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].kind, StepKind::Switchover);
    EXPECT_EQ(world.plan().counts.nodes, 3);
}

TEST(RedisPlan, TellsASecondMasterWhomTheSentinelsElectedAndNeverTheElectedOne) {
    World world;
    world.seen.nodes[1].role = NodeRole::Master;
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].kind, StepKind::Follow);
    EXPECT_EQ(world.plan().steps[0].endpoint, at(1));
}

TEST(RedisPlan, SaysNothingToMastersWhileAFailoverRuns) {
    World world;
    world.seen.nodes[1].role = NodeRole::Master;
    world.seen.sentinels[0].failing_over = true;
    EXPECT_THAT(world.plan().steps, IsEmpty());
}

TEST(RedisPlan, HasOneSentinelForgetReplicasThatAreGone) {
    World world;
    for (SentinelView& sentinel : world.seen.sentinels) {
        sentinel.replicas.push_back({at(3), false});
    }
    ASSERT_THAT(world.plan().steps, SizeIs(1));
    EXPECT_EQ(world.plan().steps[0].kind, StepKind::ResetSentinel);
    world.seen.nodes[2].link_up = false;
    EXPECT_THAT(world.plan().steps, IsEmpty()) << "it would forget this one, too";
}

TEST(RedisPlan, BringsSentinelsToTheSpec) {
    World world;
    world.topology.spec.sentinel.down_after_seconds = 3;
    EXPECT_THAT(world.plan().steps, SizeIs(3));
    EXPECT_EQ(world.plan().steps[0].kind, StepKind::SetSentinel);
}

TEST(RedisPlan, HibernatesWithoutPods) {
    World world;
    world.topology.spec.hibernated = true;
    EXPECT_EQ(world.plan().counts.nodes, 0);
    EXPECT_EQ(world.plan().counts.sentinels, 0);
}

// The master may be any of them, and only its Sentinels know which.
TEST(RedisPlan, WakesUpAsManyNodesAsThereWereBeforeItTakesOneAway) {
    World world;
    world.topology.spec.hibernated = true;
    EXPECT_EQ(world.plan().counts.asleep, 3);
    world.seen.nodes_now = 0;
    world.seen.asleep = 3;
    EXPECT_EQ(world.plan().counts.asleep, 3);
    world.topology.spec.replicas = 1;
    EXPECT_EQ(world.plan().counts.asleep, 3);
    world.topology.spec.hibernated = false;
    world.seen.sentinels.clear();
    EXPECT_EQ(world.plan().counts.nodes, 3);
    EXPECT_EQ(world.plan().counts.asleep, 0);
}

TEST(RedisConfig, ChangesMaxmemoryLiveAndAppendonlyByRestart) {
    api::RedisTopologySpec spec;
    const NodeConfig before = node_config(spec);
    spec.maxmemory = api::Quantity::from_units(1 << 30);
    EXPECT_EQ(node_config(spec).restart, before.restart);
    EXPECT_NE(node_config(spec).live, before.live);
    spec = {};
    spec.appendonly = false;
    EXPECT_NE(fingerprint(node_config(spec).restart), fingerprint(before.restart));
    EXPECT_EQ(node_config(spec).live, before.live);
}

TEST(RedisConfig, ASettingThatIsTakenOutGoesBackToWhatItWasWithoutIt) {
    api::RedisTopologySpec spec;
    const NodeConfig before = node_config(spec);
    EXPECT_EQ(before.live.at("slowlog-max-len"), "128");
    spec.config["slowlog-max-len"] = "1000";
    EXPECT_EQ(node_config(spec).live.at("slowlog-max-len"), "1000");
    EXPECT_EQ(node_config(spec).restart, before.restart);
}

TEST(RedisConfig, ANodeIsToldTheAddressThatItGivesOthers) {
    api::RedisTopologySpec spec;
    EXPECT_EQ(live_settings(spec, "10.96.0.7").at("replica-announce-ip"), "10.96.0.7");
    EXPECT_NE(fingerprint(live_settings(spec, "10.96.0.7")),
              fingerprint(live_settings(spec, "10.96.0.8")));
    spec.mode = api::RedisMode::Cluster;
    EXPECT_EQ(live_settings(spec, "10.96.0.7").at("cluster-announce-ip"), "10.96.0.7");
}

TEST(RedisReplies, TellOneRunOfAServerFromTheNext) {
    EXPECT_EQ(node_from_info({}, "run_id:abc\r\nrole:master\r\n").run_id, "abc");
}

TEST(RedisConfig, OfAQueueEvictsNothing) {
    api::RedisTopologySpec spec;
    EXPECT_TRUE(may_evict(spec));
    spec.role = api::RedisRole::Queue;
    EXPECT_FALSE(may_evict(spec));
}

const api::Condition& condition(const api::RedisTopologyStatus& status, std::string_view type) {
    const api::Condition* found = api::find_condition(status.conditions, type);
    if (found == nullptr) throw std::runtime_error("no condition " + std::string(type));
    return *found;
}

TEST(RedisStatus, IsReadyWhenAllIsWell) {
    const World world;
    const auto status = next_status(world.topology, world.seen, world.plan(), {});
    EXPECT_EQ(condition(status, "Ready").status, api::ConditionStatus::True);
    EXPECT_EQ(status.master, "q-0");
    EXPECT_EQ(status.replicas_summary, "2/2");
    EXPECT_EQ(status.sentinels.summary, "3/3");
}

TEST(RedisStatus, IsNotReadyBeforeTheSentinelsCouldElectAnother) {
    World world;
    for (SentinelView& sentinel : world.seen.sentinels) sentinel.replicas.clear();
    const auto reason = [&world] {
        const auto status = next_status(world.topology, world.seen, world.plan(), {});
        const bool is_ready = condition(status, "Ready").status == api::ConditionStatus::True;
        EXPECT_EQ(is_ready, condition(status, "ReplicationHealthy").reason == "InSync");
        return condition(status, "ReplicationHealthy").reason;
    };
    EXPECT_EQ(reason(), "NoSuccessorKnown");
    for (SentinelView& sentinel : world.seen.sentinels) sentinel.replicas = {{at(1), true, 0}};
    EXPECT_EQ(reason(), "NoSuccessorKnown") << "it waits for its first copy";
    for (std::size_t i : {0u, 1u}) world.seen.sentinels[i].replicas = {{at(2), true, 100}};
    EXPECT_EQ(reason(), "InSync");
    world.seen.nodes[2].priority = 0;
    EXPECT_EQ(reason(), "NoSuccessorKnown") << "the Sentinels have not asked it yet";
    world.seen.nodes[2].priority = 100;
    world.topology.spec.switchover = api::RedisSwitchover{.request_id = "a"};
    EXPECT_THAT(world.plan().steps, SizeIs(1));
    world.seen.sentinels[1].reachable = false;
    EXPECT_EQ(reason(), "NoSuccessorKnown");
    EXPECT_THAT(world.plan().steps, IsEmpty());
}

TEST(RedisStatus, IsNotReadyBeforeAChangeIsCarriedOut) {
    const World world;
    const auto status =
        next_status(world.topology, world.seen, world.plan(), {.objects_changed = true});
    EXPECT_EQ(condition(status, "Ready").status, api::ConditionStatus::False);
}

TEST(RedisStatus, SaysWhatIsMissing) {
    World world;
    world.seen.nodes[0].role = NodeRole::Unreachable;
    const auto status = next_status(world.topology, world.seen, world.plan(), {});
    EXPECT_EQ(condition(status, "MasterAvailable").reason, "MasterUnavailable");
    EXPECT_EQ(condition(status, "Ready").status, api::ConditionStatus::False);
    EXPECT_EQ(condition(status, "Reconciling").status, api::ConditionStatus::True);
}

TEST(RedisStatus, SaysThatItIsPausedAndStillWhatIsWrong) {
    World world;
    world.topology.spec.paused = true;
    world.seen.nodes[0].role = NodeRole::Unreachable;
    const auto status = next_status(world.topology, world.seen, world.plan(), {});
    EXPECT_EQ(condition(status, "Reconciling").reason, "Paused");
    EXPECT_EQ(condition(status, "Reconciling").status, api::ConditionStatus::False);
    EXPECT_EQ(condition(status, "Ready").reason, "MasterUnavailable");
}

TEST(RedisStatus, OfAHibernatedTopologyIsNoAlarmAndSaysWhenItsPodsAreGone) {
    World world;
    world.topology.spec.hibernated = true;
    auto status = next_status(world.topology, world.seen, world.plan(), {});
    EXPECT_EQ(condition(status, "Reconciling").status, api::ConditionStatus::True);
    EXPECT_EQ(condition(status, "Reconciling").message, "3 pods end.");
    world.seen = {.now = kNow, .nodes_now = 0, .asleep = 3};
    status = next_status(world.topology, world.seen, world.plan(), {});
    EXPECT_EQ(condition(status, "Reconciling").status, api::ConditionStatus::False);
    for (const char* type : {"MasterAvailable", "SentinelQuorum", "ReplicationHealthy", "Ready"}) {
        EXPECT_EQ(condition(status, type).reason, "Hibernated") << type;
    }
    EXPECT_THAT(condition(status, "Ready").message, testing::HasSubstr("volumes keep the data"));
    world.topology.spec.appendonly = false;
    status = next_status(world.topology, world.seen, world.plan(), {});
    EXPECT_THAT(condition(status, "Ready").message, testing::HasSubstr("no key is kept"));
}

TEST(RedisStatus, SaysWhyAMasterDoesNotAnswer) {
    World world;
    world.seen.nodes[0] = {.endpoint = at(0), .error = "WRONGPASS"};
    const auto status = next_status(world.topology, world.seen, world.plan(), {});
    EXPECT_EQ(condition(status, "MasterAvailable").message,
              "q-0 is named as master and does not answer: WRONGPASS.");
}

TEST(RedisStatus, IsNotReadyBeforeTheAddressOfWritersLeadsToTheMaster) {
    const World world;
    const auto reason = [&world](std::optional<std::string> writers_at) {
        const auto status = next_status(world.topology, world.seen, world.plan(),
                                        {.writers_at = std::move(writers_at)});
        EXPECT_EQ(condition(status, "Ready").status, condition(status, "MasterAvailable").status);
        return condition(status, "MasterAvailable").reason;
    };
    EXPECT_EQ(reason("10.244.0.1"), "MasterServes");
    EXPECT_EQ(reason(std::nullopt), "MasterServes");
    EXPECT_EQ(reason("10.244.0.9"), "WritersNotLed");
    EXPECT_EQ(reason(""), "WritersNotLed");
}

TEST(RedisStatus, NamesQueuesWhoseJobsMayBeEvicted) {
    World world;
    world.seen.queues = {"mails"};
    const auto status = next_status(world.topology, world.seen, world.plan(), {});
    EXPECT_EQ(condition(status, "QueueSafe").status, api::ConditionStatus::False);
    EXPECT_THAT(condition(status, "QueueSafe").message, testing::HasSubstr("mails"));
}

TEST(RedisStatus, OffsetsAloneAreNoReasonToWrite) {
    World world;
    const auto before = next_status(world.topology, world.seen, world.plan(), {});
    world.topology.status = before;
    world.seen.nodes[0].offset = 500;
    world.seen.now += 5s;
    EXPECT_FALSE(worth_writing(before, next_status(world.topology, world.seen, world.plan(), {})));
}

}  // namespace
}  // namespace chatflow::redis_topology
