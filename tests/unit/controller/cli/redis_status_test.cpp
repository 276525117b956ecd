#include "controller/cli/redis_status.hpp"

#include "controller/cli/paragraphs.hpp"

#include <chrono>
#include <sstream>

#include <gmock/gmock.h>

namespace chatflow::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const TimePoint kNow = TimePoint{} + 1000h;

api::RedisTopology a_topology() {
    api::RedisTopology topology;
    topology.metadata.name = "queue";
    topology.metadata.name_space = "chat";
    api::RedisTopologyStatus& status = topology.status;
    status.master = "queue-1";
    status.replicas_summary = "1/2";
    status.memory_summary = "12%";
    status.sentinels.summary = "3/3";
    status.nodes = {{.name = "queue-0", .role = "replica", .lag_bytes = 5000, .link_up = true},
                    {.name = "queue-1", .role = "master"},
                    {.name = "queue-2", .role = "replica"}};
    status.conditions = {{.type = "Ready",
                          .status = api::ConditionStatus::False,
                          .reason = "ReplicasMissing",
                          .message = "1 of 2 replicas are in sync."}};
    return topology;
}

TEST(RedisText, SaysWhoIsMasterAndWhatIsMissing) {
    const std::string text = redis_text(a_topology(), kNow);
    EXPECT_THAT(
        text,
        HasSubstr("role cache, master queue-1, memory 12%\n  replicas in sync 1/2, Sentinels 3/3"));
    EXPECT_THAT(text, HasSubstr("1 of 2 replicas are in sync."));
    EXPECT_THAT(text, HasSubstr("up      4 KiB"));
    EXPECT_THAT(text, HasSubstr("down    0 B"));
    EXPECT_THAT(text, Not(HasSubstr("SHARD")));
}

TEST(RedisText, TellsTheLastSwitchWithItsAge) {
    auto topology = a_topology();
    topology.status.last_switchover = api::RedisSwitchoverStatus{.from = "queue-0",
                                                                 .to = "queue-1",
                                                                 .reason = "Requested",
                                                                 .outcome = "Done",
                                                                 .at = kNow - 90s,
                                                                 .pause_milliseconds = 340};
    EXPECT_THAT(redis_text(topology, kNow),
                HasSubstr("queue-0 to queue-1, 90 s ago, Requested: Done; 340 ms."));
}

TEST(RedisText, ListsTheShardsOfAClusterWithin80Columns) {
    auto topology = a_topology();
    topology.metadata.name = std::string(40, 'n');
    topology.spec.mode = api::RedisMode::Cluster;
    topology.status.slots_assigned = 10923;
    topology.status.shards = {{.index = 0, .master = "queue-0", .slots = 5462, .in_sync = 1},
                              {.index = 1, .master = "", .slots = 0, .in_sync = 0}};
    const std::string text = redis_text(topology, kNow);
    EXPECT_THAT(text, HasSubstr("10923 of 16384 slots served"));
    EXPECT_THAT(text, HasSubstr("none"));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(columns_of(line), kColumnsMax) << line;
    }
}

}  // namespace
}  // namespace chatflow::cli
