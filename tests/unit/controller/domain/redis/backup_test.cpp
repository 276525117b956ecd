#include "controller/domain/redis/backup.hpp"

#include "controller/domain/redis/backup_objects.hpp"
#include "controller/domain/redis/backup_sources.hpp"
#include "tests/unit/controller/domain/redis/cluster_world.hpp"

#include <algorithm>
#include <chrono>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::redis_topology {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const TimePoint kMade = *parse_rfc3339("2026-11-20T12:00:00Z");
const TimePoint kNow = *parse_rfc3339("2026-11-21T03:00:05Z");

/// A master q-0 and two replicas; a backup each night at three.
struct World {
    api::RedisTopology topology;
    Observed seen{.now = kNow, .nodes_now = 3};

    World() {
        topology.metadata.name = "q";
        topology.metadata.name_space = "chat";
        topology.metadata.creation_timestamp = kMade;
        topology.spec.backup = api::RedisBackupSpec{.schedule = "0 3 * * *"};
        for (int i = 0; i < 3; ++i) {
            seen.addresses.push_back({"q-" + std::to_string(i), {}, ""});
            seen.nodes.push_back(
                {.role = i == 0 ? NodeRole::Master : NodeRole::Replica, .link_up = i != 0});
        }
    }

    void ended(const std::string& name, JobState state, const std::string& result,
               const std::string& request = "") {
        seen.jobs.push_back({.name = "q-backup-" + name,
                             .backup = name,
                             .request_id = request,
                             .made_at = kNow,
                             .state = state,
                             .result = result});
    }
    [[nodiscard]] BackupDecision decide() const { return decide_backup(topology, seen); }
};

TEST(RedisBackup, IsMadeWhenItsTimeHasComeFromTheLastReplica) {
    World world;
    EXPECT_EQ(world.decide().start, "20261121-030005");
    EXPECT_THAT(world.decide().from, ElementsAre("q-2"));
    world.seen.now = kNow - 10s;
    EXPECT_FALSE(world.decide().start);
}

TEST(RedisBackup, TakesAReplicaInSyncElseTheMasterElseWaits) {
    World world;
    world.seen.nodes[2].link_up = false;
    EXPECT_THAT(world.decide().from, ElementsAre("q-1"));
    world.seen.nodes[1].loading = true;
    EXPECT_THAT(world.decide().from, ElementsAre("q-0"));
    world.seen.nodes[0].role = NodeRole::Unreachable;
    EXPECT_FALSE(world.decide().start);
}

TEST(RedisBackup, OneMomentOfTheScheduleIsAnsweredOnce) {
    World world;
    world.ended("20261121-030005", JobState::Running, "");
    EXPECT_FALSE(world.decide().start);
    world.seen.jobs[0].state = JobState::Done;
    world.seen.jobs[0].result = "backup=20261121-030005 bytes=4711";
    const BackupDecision decision = world.decide();
    EXPECT_FALSE(decision.start);
    EXPECT_EQ(decision.status.good_name, "20261121-030005");
    EXPECT_EQ(decision.status.good_bytes, 4711);
    world.topology.status.backup = decision.status;
    world.seen.jobs.clear();
    EXPECT_FALSE(world.decide().start);
    world.seen.now = kNow + 24h;
    EXPECT_TRUE(world.decide().start);
}

TEST(RedisBackup, ARequestIsAnsweredOnceAlsoByAFailure) {
    World world;
    world.topology.spec.backup->schedule.clear();
    EXPECT_FALSE(world.decide().start);
    world.topology.spec.backup->request_id = "now";
    EXPECT_TRUE(world.decide().start);
    EXPECT_EQ(world.decide().request_id, "now");
    world.ended("b", JobState::Failed, "redis-cli failed: no space left", "now");
    const BackupDecision decision = world.decide();
    EXPECT_FALSE(decision.start);
    EXPECT_EQ(decision.status.request_id, "now");
    const auto verdict = backup_healthy(world.topology, decision.status, kNow);
    EXPECT_FALSE(verdict->holds);
    EXPECT_EQ(verdict->reason, "BackupFailed");
    EXPECT_THAT(verdict->message, HasSubstr("no space left"));
}

TEST(RedisBackup, AFailureLeavesTheLastGoodOneInTheStatus) {
    World world;
    world.topology.status.backup = api::RedisBackupStatus{
        .name = "a", .outcome = "Done", .at = kMade, .good_name = "a", .good_at = kMade};
    world.ended("b", JobState::Failed, "");
    const auto status = world.decide().status;
    EXPECT_EQ(status.good_name, "a");
    EXPECT_EQ(status.name, "b");
    EXPECT_EQ(status.outcome, "the Job failed without a word");
}

TEST(RedisBackup, AMissedOneIsReportedAnHourLater) {
    World world;
    EXPECT_TRUE(backup_healthy(world.topology, {}, kNow)->holds);
    const auto missed = backup_healthy(world.topology, {}, kNow + 1h);
    EXPECT_EQ(missed->reason, "BackupMissed");
    EXPECT_EQ(missed->message, "There is no backup of 2026-11-21T03:00:00Z.");
    const api::RedisBackupStatus good{.outcome = "Done", .good_name = "x", .good_at = kNow};
    EXPECT_TRUE(backup_healthy(world.topology, good, kNow + 1h)->holds);
    world.topology.spec.backup.reset();
    EXPECT_FALSE(backup_healthy(world.topology, {}, kNow + 1h));
}

TEST(RedisBackup, ItsJobTellsTheProgramWhatAndKeepsThePasswordOut) {
    World world;
    const auto object = backup_job(world.topology, "20261121-030005", "now", {"q-2"}, "image");
    const auto job = nlohmann::json::parse(object.json);
    EXPECT_EQ(object.name, "q-backup-20261121-030005");
    const auto& container = job["spec"]["template"]["spec"]["containers"][0];
    EXPECT_THAT(container["args"].dump(), HasSubstr(R"("--node","q-2.chat.svc:6379")"));
    EXPECT_THAT(container["args"].dump(), HasSubstr(R"("--password-file")"));
    EXPECT_EQ(job["metadata"]["labels"]["chatflow.dev/redis-part"], "backup");
    EXPECT_EQ(job["metadata"]["annotations"]["chatflow.dev/request"], "now");
    EXPECT_EQ(job["spec"]["template"]["spec"]["restartPolicy"], "Never");
}

TEST(RedisBackup, OfAClusterIsTakenFromAReplicaOfEachShardElseFromItsMaster) {
    ClusterWorld world(3);
    world.settle();
    const auto sources = [&world] { return backup_sources(world.topology, world.observe()); };
    EXPECT_THAT(sources(), ElementsAre("feed-1", "feed-3", "feed-5"));
    world.node(3).link_up = false;
    EXPECT_THAT(sources(), ElementsAre("feed-1", "feed-2", "feed-5"));
    world.node(0).answers = false;
    EXPECT_THAT(sources(), IsEmpty()) << "a shard has no master";
}

TEST(RedisBackup, AndSlotsStayWhereTheyAreMeanwhile) {
    ClusterWorld world(3);
    world.settle();
    world.node(0).open = {{7, world.node(2).id, false}};
    EXPECT_THAT(backup_sources(world.topology, world.observe()), IsEmpty());
    world.node(0).open.clear();

    world.topology.spec.shards = 4;
    world.settle(3);  // the pods of the fourth shard are there, without slots
    Observed seen = world.observe();
    ASSERT_TRUE(std::ranges::contains(make_cluster_plan(world.topology, seen).steps,
                                      ClusterStepKind::Move, &ClusterStep::kind));
    seen.jobs.push_back({.name = "feed-backup-a", .backup = "a"});
    const ClusterPlan plan = make_cluster_plan(world.topology, seen);
    EXPECT_THAT(plan.steps, IsEmpty());
    EXPECT_EQ(plan.waits_for, "slots do not move while a backup is made");
}

TEST(RedisBackup, ItsVolumeHasNoOwnerAndSoOutlivesTheTopology) {
    const World world;
    const auto claim = nlohmann::json::parse(backup_claim(world.topology).json);
    EXPECT_FALSE(claim["metadata"].contains("ownerReferences"));
    EXPECT_EQ(claim["metadata"]["name"], "q-backup");
}

}  // namespace
}  // namespace chatflow::redis_topology
