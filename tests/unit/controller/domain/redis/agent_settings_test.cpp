#include "controller/domain/redis/agent_settings.hpp"

#include <gtest/gtest.h>

namespace chatflow::redis_topology {
namespace {

using namespace std::chrono_literals;

TEST(AgentSettings, AreReadAsTheyWereWritten) {
    api::RedisTopology topology;
    topology.metadata.name = "queue";
    topology.spec.sentinel = {
        .instances = 5, .quorum = 3, .down_after_seconds = 7, .failover_timeout_seconds = 40};
    topology.spec.write_safety.max_lag_seconds = 8;
    const AgentSettings settings = agent_settings(topology);
    EXPECT_EQ(settings.sentinels.size(), 5U);
    EXPECT_EQ(settings.sentinels[4], (Place{"queue-sentinel-4", 26379}));
    EXPECT_EQ(settings.down_after, 7s);
    EXPECT_EQ(settings.max_lag, 8s);
    EXPECT_EQ(agent_settings_from(to_text(settings)), settings);
}

TEST(AgentSettings, OfANewerOperatorAreReadAsFarAsTheyAreKnown) {
    const auto settings = agent_settings_from("sentinel a:1\nto-come 7\nquorum 1\n");
    ASSERT_TRUE(settings) << settings.error();
    EXPECT_EQ(settings->quorum, 1);
}

TEST(AgentSettings, ThatAreNotRightAreRefusedByName) {
    EXPECT_EQ(agent_settings_from("").error(), "sentinel: there is none");
    EXPECT_EQ(agent_settings_from("sentinel a:1\nquorum x\n").error(),
              "quorum: must be a number above 0, not x");
    EXPECT_EQ(agent_settings_from("sentinel a\n").error(),
              "sentinel: must be HOST:PORT, such as queue-0:6379, not a");
}

}  // namespace
}  // namespace chatflow::redis_topology
