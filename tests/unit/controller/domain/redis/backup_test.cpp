#include "controller/domain/redis/backup.hpp"

#include "controller/domain/redis/backup_objects.hpp"

#include <chrono>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::redis_topology {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

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
    EXPECT_EQ(world.decide().from, "q-2");
    world.seen.now = kNow - 10s;
    EXPECT_FALSE(world.decide().start);
}

TEST(RedisBackup, TakesAReplicaInSyncElseTheMasterElseWaits) {
    World world;
    world.seen.nodes[2].link_up = false;
    EXPECT_EQ(world.decide().from, "q-1");
    world.seen.nodes[1].loading = true;
    EXPECT_EQ(world.decide().from, "q-0");
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

TEST(RedisRestore, NodesWaitUntilTheFirstDataIsThere) {
    World world;
    world.seen.nodes_now.reset();
    EXPECT_TRUE(may_have_nodes(world.topology, world.seen));
    world.topology.spec.bootstrap = api::RedisBootstrap{.from_backup = {{"old", ""}}};
    EXPECT_FALSE(may_have_nodes(world.topology, world.seen));
    EXPECT_EQ(restored(world.topology, world.seen)->reason, "Restoring");

    world.seen.jobs.push_back({.name = "q-restore", .is_restore = true});
    EXPECT_FALSE(may_have_nodes(world.topology, world.seen));
    world.seen.jobs[0].state = JobState::Failed;
    world.seen.jobs[0].result = "there is no backup 5; there are: 4.";
    EXPECT_FALSE(may_have_nodes(world.topology, world.seen));
    EXPECT_EQ(restored(world.topology, world.seen)->message,
              "there is no backup 5; there are: 4. Delete the Job q-restore to try again.");
    world.seen.jobs[0].state = JobState::Done;
    EXPECT_TRUE(may_have_nodes(world.topology, world.seen));
    EXPECT_TRUE(restored(world.topology, world.seen)->holds);
}

TEST(RedisRestore, IsOverOnceThereAreNodes) {
    World world;
    world.topology.spec.bootstrap = api::RedisBootstrap{.from_backup = {{"old", ""}}};
    EXPECT_TRUE(may_have_nodes(world.topology, world.seen));
    EXPECT_EQ(restored(world.topology, world.seen)->reason, "NotNeeded");
    world.topology.status.conditions.push_back({.type = "Restored",
                                                .status = api::ConditionStatus::True,
                                                .reason = "Restored",
                                                .message = "as it was told"});
    EXPECT_EQ(restored(world.topology, world.seen)->message, "as it was told");
}

TEST(RedisBackup, ItsJobTellsTheProgramWhatAndKeepsThePasswordOut) {
    World world;
    const auto object = backup_job(world.topology, "20261121-030005", "now", "q-2", "image");
    const auto job = nlohmann::json::parse(object.json);
    EXPECT_EQ(object.name, "q-backup-20261121-030005");
    const auto& container = job["spec"]["template"]["spec"]["containers"][0];
    EXPECT_THAT(container["args"].dump(), HasSubstr(R"("--node","q-2.chat.svc:6379")"));
    EXPECT_THAT(container["args"].dump(), HasSubstr(R"("--password-file")"));
    EXPECT_EQ(job["metadata"]["labels"]["chatflow.dev/redis-part"], "backup");
    EXPECT_EQ(job["metadata"]["annotations"]["chatflow.dev/request"], "now");
    EXPECT_EQ(job["spec"]["template"]["spec"]["restartPolicy"], "Never");
}

TEST(RedisBackup, ItsVolumeHasNoOwnerAndSoOutlivesTheTopology) {
    const World world;
    const auto claim = nlohmann::json::parse(backup_claim(world.topology).json);
    EXPECT_FALSE(claim["metadata"].contains("ownerReferences"));
    EXPECT_EQ(claim["metadata"]["name"], "q-backup");
}

}  // namespace
}  // namespace chatflow::redis_topology
