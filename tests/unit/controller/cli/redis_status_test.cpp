#include "controller/cli/redis_status.hpp"

#include "controller/api/redis_topology_codec.hpp"
#include "controller/cli/paragraphs.hpp"

#include <chrono>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
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
                          .last_transition_time = kNow - 4min,
                          .reason = "ReplicasMissing",
                          .message = "1 of 2 replicas are in sync."}};
    return topology;
}

json recorded(const std::string& name) {
    std::ifstream file("tests/testdata/redistopology/status/" + name + ".json");
    return json::parse(file);
}

/// What an SRE sees of it ten minutes later.
std::string screen_of(const std::string& name) {
    const auto now = *parse_rfc3339("2026-11-22T17:20:00Z");
    return redis_text(api::KindTraits<api::RedisTopology>::decode(recorded(name)), now);
}

void expect_80_columns(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(columns_of(line), kColumnsMax) << line;
    }
}

TEST(RedisText, SaysWhoIsMasterAndWhatIsMissingForHowLong) {
    const std::string text = redis_text(a_topology(), kNow);
    EXPECT_THAT(
        text,
        HasSubstr("role cache, master queue-1, memory 12%\n  replicas in sync 1/2, Sentinels 3/3"));
    EXPECT_THAT(text, HasSubstr("ReplicasMissing, since 4 min\n    1 of 2 replicas are in sync."));
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
                HasSubstr("Last planned switch: queue-0 to queue-1, 90 s ago, Requested: Done; "
                          "writes\nwaited 340 ms."));
}

TEST(RedisText, FitsEightyColumnsWithTheLongestNames) {
    auto topology = a_topology();
    topology.metadata.name = std::string(40, 'n');
    topology.status.master = topology.status.nodes[0].name = std::string(42, 'n');
    topology.spec.paused = topology.spec.hibernated = true;
    expect_80_columns(redis_text(topology, kNow));
    topology.spec.hibernated = false;
    expect_80_columns(redis_text(topology, kNow));
    topology.spec.mode = api::RedisMode::Cluster;
    topology.status.slots_assigned = 10923;
    topology.status.shards = {
        {.index = 0, .master = std::string(42, 'n'), .slots = 5462, .in_sync = 1},
        {.index = 1, .master = "", .slots = 0, .in_sync = 0}};
    const std::string text = redis_text(topology, kNow);
    EXPECT_THAT(text, HasSubstr("10923 of 16384 slots served"));
    EXPECT_THAT(text, HasSubstr("none"));
    expect_80_columns(text);
}

TEST(RedisText, SaysThatItShowsWhatWasBeforeTheLastChange) {
    auto topology = a_topology();
    topology.metadata.generation = 3;
    topology.status.observed_generation = 2;
    EXPECT_THAT(redis_text(topology, kNow), HasSubstr("has not seen the last change"));
    topology.status = {};
    EXPECT_THAT(redis_text(topology, kNow), HasSubstr("has not looked at it yet"));
}

TEST(RedisText, OfAPausedTopologySaysHowTheOperatorGoesOn) {
    const std::string text = screen_of("paused");
    EXPECT_THAT(text, HasSubstr("PAUSED: the operator changes nothing"));
    EXPECT_THAT(text, HasSubstr("kubectl patch rt queue -n e2e-redis \\\n"
                                "      --type merge -p '{\"spec\":{\"paused\":false}}'\n"));
    EXPECT_THAT(text, HasSubstr("queue-1                         master"));
}

TEST(RedisText, OfAHibernatedTopologyRaisesNoAlarm) {
    const std::string text = screen_of("hibernated");
    EXPECT_THAT(text, HasSubstr("HIBERNATED: no pods; volumes, Secrets and addresses stay."));
    for (const char* alarm : {"unknown", "NoQuorum", "MasterAvailable", "NODE", "0/0"}) {
        EXPECT_THAT(text, Not(HasSubstr(alarm)));
    }
    api::RedisTopology lost = a_topology();
    lost.spec.hibernated = true;
    lost.spec.appendonly = false;
    EXPECT_THAT(redis_text(lost, kNow), HasSubstr("no keys (appendonly is off)"));
}

TEST(RedisText, OfASwitchThatIsDueSaysWhatItWaitsForAndHowTheLastOneEnded) {
    const std::string text = screen_of("switching");
    EXPECT_THAT(
        text,
        HasSubstr("Switch maintenance-1 to queue-2 is asked for and not done yet: a switchover\n"
                  "  waits until all replicas are in sync"));
    EXPECT_THAT(text, HasSubstr("Last planned switch FAILED: queue-1 to queue-2"));
}

TEST(RedisText, OfAFailedTopologySaysWhatIsAmissAndSinceWhen) {
    const std::string text = screen_of("failed");
    EXPECT_THAT(text, HasSubstr("MasterUnavailable, since 10 min\n"));
    EXPECT_THAT(text, HasSubstr("1 of 3 Sentinels answer, 1 name the same master; 2 are needed"));
    EXPECT_THAT(text, HasSubstr("queue-1                         waiting"));
}

TEST(RedisText, RecordedTopologiesFitEightyColumnsAndTheirJsonIsTheStatus) {
    for (const char* name : {"paused", "hibernated", "switching", "failed"}) {
        expect_80_columns(screen_of(name));
        const json object = recorded(name);
        const auto topology = api::KindTraits<api::RedisTopology>::decode(object);
        EXPECT_EQ(api::to_json(topology.status), object["status"]) << name;
    }
}

}  // namespace
}  // namespace chatflow::cli
