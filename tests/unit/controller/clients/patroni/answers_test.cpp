#include "controller/clients/patroni/answers.hpp"

#include <gtest/gtest.h>

namespace chatflow::patroni {
namespace {

// As Patroni 4.0.7 answers.
constexpr const char* kCluster = R"({"members": [
  {"name": "chat-0", "role": "leader", "state": "running", "api_url": "http://10.244.1.7:8008/patroni",
   "host": "10.244.1.7", "port": 5432, "timeline": 3, "pending_restart": true},
  {"name": "chat-1", "role": "sync_standby", "state": "streaming", "timeline": 3, "lag": 0},
  {"name": "chat-2", "role": "replica", "state": "creating replica", "lag": "unknown"}],
  "scope": "chat-rw"})";

TEST(ReadCluster, KnowsRolesStatesAndLag) {
    const auto cluster = read_cluster(kCluster);
    ASSERT_TRUE(cluster);
    ASSERT_EQ(cluster->members.size(), 3U);
    EXPECT_EQ(cluster->members[0], (api::PatroniMember{.name = "chat-0",
                                                       .role = "leader",
                                                       .state = "running",
                                                       .timeline = 3,
                                                       .lag_bytes = std::nullopt,
                                                       .pending_restart = true}));
    EXPECT_EQ(cluster->members[1].lag_bytes, 0);
    EXPECT_EQ(cluster->members[2].lag_bytes, std::nullopt) << "unknown is not zero";
}

TEST(ReadCluster, TellsWhyARestartIsPending) {
    const auto cluster = read_cluster(
        R"({"members": [{"name": "a", "pending_restart": true, "pending_restart_reason":
            {"max_connections": {"old_value": "100", "new_value": 120}, "odd": 7}}]})");
    ASSERT_EQ(cluster->members.at(0).pending.size(), 1U);
    EXPECT_EQ(cluster->members[0].pending[0],
              (api::PendingChange{.parameter = "max_connections", .from = "100", .to = "120"}));
}

TEST(ReadCluster, TakesWhateverComes) {
    EXPECT_FALSE(read_cluster("no JSON"));
    EXPECT_FALSE(read_cluster("[]"));
    EXPECT_FALSE(read_cluster(R"({"members": 1})"));
    const auto cluster =
        read_cluster(R"({"members": [1, {"role": "leader"}, {"name": "a", "lag": {}}]})");
    ASSERT_TRUE(cluster);
    ASSERT_EQ(cluster->members.size(), 1U) << "a member has a name";
    EXPECT_EQ(cluster->members[0].state, "unknown");
}

}  // namespace
}  // namespace chatflow::patroni
