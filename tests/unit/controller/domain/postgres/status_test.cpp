#include "controller/domain/postgres/status.hpp"

#include "tests/unit/controller/domain/postgres/a_topology.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace chatflow::postgres {
namespace {

using std::chrono::seconds;

const api::Condition& condition(const ATopology& chat, const char* type) {
    return *api::find_condition(chat.topology.status.conditions, type);
}

TEST(NextStatus, TellsThePrimaryRolesAndLag) {
    ATopology chat;
    chat.add_reader();
    chat.member(2).lag_bytes = 4096;
    chat.visit();
    const auto& status = chat.topology.status;
    EXPECT_EQ(status.current_primary, "chat-0");
    EXPECT_EQ(status.members_ready, "3/3");
    EXPECT_EQ(status.ready_read_replicas, 1);
    EXPECT_EQ(status.sync_standbys, (std::vector<std::string>{"chat-1", "chat-2"}));
    EXPECT_EQ(status.lag_bytes_max, 4096);
    EXPECT_EQ(status.instances[0].role, api::InstanceRole::Primary);
    EXPECT_EQ(status.instances[3].role, api::InstanceRole::ReadReplica);
    EXPECT_EQ(status.leader_transitions, 0) << "the first primary is no failover";
    EXPECT_EQ(condition(chat, "Ready").status, api::ConditionStatus::True);
    EXPECT_EQ(condition(chat, "Reconciling").status, api::ConditionStatus::False);
}

TEST(NextStatus, CountsAFailoverAndTellsItOnce) {
    ATopology chat;
    chat.visit();
    const auto before = chat.topology.status;
    chat.lead("chat-1");
    chat.visit();
    EXPECT_EQ(chat.topology.status.leader_transitions, 1);
    const auto events = events_between(before, chat.topology.status);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].reason, "FailedOver");
    EXPECT_TRUE(events[0].is_warning);
    const auto after = chat.topology.status;
    chat.visit();
    EXPECT_TRUE(events_between(after, chat.topology.status).empty());
}

TEST(NextStatus, WhatIsRefusedIsToldAndHoldsUpNothing) {
    ATopology chat;
    chat.change_template();
    chat.seen.refused = {"StatefulSet.apps \"chat\" is invalid", "data-chat-0 cannot grow"};
    EXPECT_TRUE(chat.visit().step);
    EXPECT_EQ(condition(chat, "Stalled").status, api::ConditionStatus::True);
    EXPECT_EQ(condition(chat, "Stalled").message,
              "StatefulSet.apps \"chat\" is invalid; data-chat-0 cannot grow");
    chat.seen.refused.clear();
    chat.visit();
    EXPECT_EQ(condition(chat, "Stalled").status, api::ConditionStatus::False);
}

TEST(NextStatus, APrimaryIsExpectedOnceThereWasOneAndNotWhileHibernated) {
    ATopology chat;
    const auto members = chat.seen.cluster;
    chat.seen.cluster.reset();
    chat.seen.silence = "connection refused";
    chat.visit();
    EXPECT_FALSE(is_expected_to_serve(chat.topology.status)) << "a new topology";
    chat.seen.cluster = members;
    chat.visit();
    EXPECT_TRUE(is_expected_to_serve(chat.topology.status));
    chat.topology.spec.hibernated = true;
    chat.seen.cluster.reset();
    chat.visit();
    EXPECT_FALSE(is_expected_to_serve(chat.topology.status));
    chat.seen.now += seconds{3600};
    chat.topology.spec.hibernated = false;
    chat.visit();
    EXPECT_TRUE(is_expected_to_serve(chat.topology.status));
    EXPECT_EQ(chat.topology.status.no_primary_since, chat.seen.now);
}

TEST(NextStatus, TellsHowFarTheWalOfEachInstanceReaches) {
    ATopology chat;
    chat.seen.lsns = {{"chat-0", "0/5000148"}, {"chat-1", "0/5000060"}};
    chat.visit();
    EXPECT_EQ(chat.topology.status.instances[0].lsn, "0/5000148");
    EXPECT_EQ(chat.topology.status.instances[1].lsn, "0/5000060");
    EXPECT_EQ(chat.topology.status.instances[2].lsn, "");
}

TEST(NextStatus, SaysWhyItKnowsNothingWhenNoMemberAnswers) {
    ATopology chat;
    chat.seen.cluster.reset();
    chat.seen.silence = "GET /cluster: connection refused";
    chat.visit();
    EXPECT_EQ(condition(chat, "PrimaryAvailable").reason, "PatroniSilent");
    EXPECT_NE(condition(chat, "PrimaryAvailable").message.find("connection refused"),
              std::string::npos);
}

TEST(NextStatus, NamesWhyThereIsNoPrimaryOnceAFailoverWouldBeOver) {
    ATopology chat;
    chat.visit();
    chat.seen.cluster->members[0].role = "replica";
    chat.visit();
    EXPECT_EQ(condition(chat, "Ready").reason, "FailoverUnderWay");
    chat.seen.now += seconds{61};
    chat.visit();
    EXPECT_EQ(condition(chat, "Ready").reason, "SyncStandbyUnavailable");
    EXPECT_TRUE(condition(chat, "Ready").message.contains("docs/runbook.md"));
    chat.topology.spec.durability = api::Durability::None;
    chat.visit();
    EXPECT_EQ(condition(chat, "Ready").reason, "NoCandidate");
}

TEST(NextStatus, SaysWhatAMissingSynchronousStandbyMeans) {
    ATopology chat;
    chat.member(1).role = chat.member(2).role = "replica";
    chat.visit();
    EXPECT_EQ(condition(chat, "SyncReplicationHealthy").status, api::ConditionStatus::False);
    chat.topology.spec.durability = api::Durability::Required;
    chat.visit();
    EXPECT_TRUE(condition(chat, "SyncReplicationHealthy").message.contains("writes wait"));
    chat.topology.spec.durability = api::Durability::None;
    chat.visit();
    EXPECT_EQ(condition(chat, "SyncReplicationHealthy").reason, "NotRequired");
}

TEST(NextStatus, AStandbyIsBrokenSinceItStopped) {
    ATopology chat;
    chat.visit();
    chat.member(2).state = "stopped";
    chat.visit();
    chat.seen.now += seconds{20};
    chat.visit();
    EXPECT_EQ(chat.topology.status.instances[2].broken_since, kStart);
    EXPECT_EQ(condition(chat, "ReplicasHealthy").status, api::ConditionStatus::False);
    chat.member(2).state = "streaming";
    chat.visit();
    EXPECT_EQ(chat.topology.status.instances[2].broken_since, std::nullopt);
}

TEST(StalledStatus, SaysWhy) {
    ATopology chat;
    const auto status = stalled_status(chat.topology, "InvalidSpec", "spec.members: no", kStart);
    EXPECT_EQ(api::find_condition(status.conditions, "Stalled")->message, "spec.members: no");
    EXPECT_EQ(api::find_condition(status.conditions, "Ready")->status, api::ConditionStatus::False);
}

}  // namespace
}  // namespace chatflow::postgres
