#include "controller/domain/redis/restore.hpp"

#include "controller/domain/redis/backup_objects.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::redis_topology {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A topology that is to begin with the newest backup of "old".
struct World {
    api::RedisTopology topology;
    Observed seen{};

    explicit World(api::RedisMode mode = api::RedisMode::Replication) {
        topology.metadata.name = "q";
        topology.metadata.name_space = "chat";
        topology.spec.mode = mode;
        topology.spec.bootstrap = api::RedisBootstrap{.from_backup = {{"old", ""}}};
    }
    void ended(int shard, JobState state, const std::string& result) {
        seen.jobs.push_back({.name = "q-restore-" + std::to_string(shard),
                             .is_restore = true,
                             .shard = shard,
                             .state = state,
                             .result = result});
    }
};

TEST(RedisRestore, NodesWaitUntilTheFirstDataIsThere) {
    World world;
    EXPECT_FALSE(may_have_nodes(world.topology, world.seen));
    EXPECT_THAT(missing_first_data(world.topology, world.seen), ElementsAre(FirstData{0, ""}));
    EXPECT_EQ(restored(world.topology, world.seen)->reason, "Restoring");

    world.seen.jobs.push_back({.name = "q-restore", .is_restore = true});
    EXPECT_FALSE(may_have_nodes(world.topology, world.seen));
    EXPECT_THAT(missing_first_data(world.topology, world.seen), IsEmpty());
    world.seen.jobs[0].state = JobState::Failed;
    world.seen.jobs[0].result = "there is no backup 5; there are: 4.";
    EXPECT_FALSE(may_have_nodes(world.topology, world.seen));
    EXPECT_EQ(restored(world.topology, world.seen)->message,
              "there is no backup 5; there are: 4. Delete the Job q-restore to try again.");
    world.seen.jobs[0].state = JobState::Done;
    EXPECT_TRUE(may_have_nodes(world.topology, world.seen));
    EXPECT_TRUE(restored(world.topology, world.seen)->holds);
    world.topology.spec.bootstrap.reset();
    EXPECT_TRUE(may_have_nodes(world.topology, {}));
}

TEST(RedisRestore, IsOverOnceThereAreNodes) {
    World world;
    world.seen.nodes_now = 3;
    EXPECT_TRUE(may_have_nodes(world.topology, world.seen));
    EXPECT_EQ(restored(world.topology, world.seen)->reason, "NotNeeded");
    world.topology.status.conditions.push_back({.type = "Restored",
                                                .status = api::ConditionStatus::True,
                                                .reason = "Restored",
                                                .message = "as it was told"});
    EXPECT_EQ(restored(world.topology, world.seen)->message, "as it was told");
}

TEST(RedisRestore, EveryShardGetsTheBackupThatTheFirstOneFoundNewest) {
    World world(api::RedisMode::Cluster);
    EXPECT_THAT(missing_first_data(world.topology, world.seen), ElementsAre(FirstData{0, ""}));
    world.ended(0, JobState::Done, "backup=20261121-030000 bytes=12");
    EXPECT_THAT(missing_first_data(world.topology, world.seen),
                ElementsAre(FirstData{1, "20261121-030000"}, FirstData{2, "20261121-030000"}));
    world.ended(2, JobState::Running, "");
    EXPECT_THAT(missing_first_data(world.topology, world.seen),
                ElementsAre(FirstData{1, "20261121-030000"}));
    EXPECT_FALSE(may_have_nodes(world.topology, world.seen));
    world.ended(1, JobState::Failed, "no space left.");
    EXPECT_EQ(restored(world.topology, world.seen)->message,
              "no space left. Delete the Job q-restore-1 to try again.");
    world.seen.jobs.clear();
    for (int shard = 0; shard < 3; ++shard) {
        world.ended(shard, JobState::Done, "backup=20261121-030000 bytes=12");
    }
    EXPECT_TRUE(may_have_nodes(world.topology, world.seen));
}

TEST(RedisRestore, ItsJobWritesToTheVolumeOfTheShardsFirstPod) {
    World world(api::RedisMode::Cluster);
    world.topology.spec.replicas_per_shard = 2;
    const auto object = restore_job(world.topology, {1, "20261121-030000"}, "image");
    EXPECT_EQ(object.name, "q-restore-1");
    EXPECT_EQ(first_data_claim(world.topology, 1).name, "data-q-3");
    EXPECT_THAT(object.json, HasSubstr(R"("claimName":"data-q-3")"));
    EXPECT_THAT(object.json, HasSubstr(R"("--shard","1","--shards","3")"));
    EXPECT_THAT(object.json, HasSubstr(R"("--backup","20261121-030000")"));
    EXPECT_THAT(object.json, HasSubstr(R"("chatflow.dev/shard":"1")"));
    const World of_one;
    EXPECT_EQ(restore_job(of_one.topology, {0, ""}, "image").name, "q-restore");
}

}  // namespace
}  // namespace chatflow::redis_topology
