#include "controller/domain/postgres/readers.hpp"

#include "controller/domain/postgres/patroni_settings.hpp"
#include "tests/unit/controller/domain/postgres/a_topology.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {
namespace {

using std::chrono::seconds;
using Names = std::vector<std::string>;

/// A pool of three that is to have one.
struct ShrinkingPool : ATopology {
    ShrinkingPool() {
        for (int i = 0; i < 3; ++i) {
            add_reader();
            seen.pods.back().name = seen.cluster->members.back().name =
                "chat-read-" + std::to_string(i);
        }
        topology.spec.read_replicas = 1;
        topology.spec.read_replica_drain_seconds = 100;
    }

    /// A visit after so many seconds, as the reconciler does it.
    ReaderPool after(int more) {
        seen.now += seconds{more};
        const ReaderPool pool = reader_pool(topology, seen.pods, there, clients, seen.now);
        seen.draining = pool.draining;
        topology.status = next_status(topology, seen, {});
        there = pool.replicas;
        return pool;
    }

    std::int32_t there = 3;
    std::map<std::string, std::int64_t> clients{{"chat-read-1", 4}, {"chat-read-2", 2}};
};

TEST(ReaderPool, IsWhatIsWantedWhenNothingHasToGo) {
    ATopology chat;
    chat.topology.spec.read_replicas = 2;
    EXPECT_EQ(reader_pool(chat.topology, chat.seen.pods, 0, {}, kStart), (ReaderPool{2, {}}));
    EXPECT_EQ(reader_pool(chat.topology, chat.seen.pods, 2, {}, kStart), (ReaderPool{2, {}}));
}

TEST(ReaderPool, ThoseThatGoLeaveTheServicesAtOnceAndWaitForTheirConnections) {
    ShrinkingPool pool;
    EXPECT_EQ(pool.after(0), (ReaderPool{3, Names{"chat-read-1", "chat-read-2"}}));
    EXPECT_EQ(dynamic_settings(pool.topology.spec, pool.seen.draining)["chatflow"]["draining"],
              (nlohmann::json{"chat-read-1", "chat-read-2"}));
    EXPECT_EQ(pool.after(50).replicas, 3);
    pool.clients["chat-read-2"] = 0;
    EXPECT_EQ(pool.after(1).replicas, 2);
    pool.seen.pods.pop_back();
    EXPECT_EQ(pool.after(1), (ReaderPool{2, Names{"chat-read-1"}}));
    pool.clients["chat-read-1"] = 0;
    EXPECT_EQ(pool.after(1).replicas, 1);
}

TEST(ReaderPool, NobodyGoesBeforeEverybodyKnowsThatItHasLeftTheServices) {
    ShrinkingPool pool;
    pool.clients = {{"chat-read-1", 0}, {"chat-read-2", 0}};
    EXPECT_EQ(pool.after(0).replicas, 3);
    EXPECT_EQ(pool.after(14).replicas, 3);
    EXPECT_EQ(pool.after(1).replicas, 1);
}

TEST(ReaderPool, ConnectionsThatDoNotEndOrAreNotToldHoldItUpForABoundedTime) {
    ShrinkingPool pool;
    pool.after(0);
    pool.clients.erase("chat-read-2");
    EXPECT_EQ(pool.after(99).replicas, 3);
    EXPECT_EQ(pool.after(1).replicas, 1);
}

TEST(ClientsOfAReader, AreThoseThatItsEndWouldCutOff) {
    EXPECT_EQ(clients_of({{{"name", "chat"}, {"address", "10.0.0.7"}, {"program", "psql"}},
                          {{"name", "chat"}, {"address", "127.0.0.1"}, {"program", ""}}}),
              2);
    EXPECT_EQ(
        clients_of(
            {{{"name", "postgres"}, {"program", "psql"}},
             {{"name", "postgres"}, {"address", "127.0.0.1"}, {"program", ""}},
             {{"name", "postgres"}, {"address", "::1"}, {"program", ""}},
             {{"name", "postgres"}, {"address", "10.0.0.3"}, {"program", "chatflow-operator"}},
             {{"name", "standby"}, {"address", "10.0.0.8"}, {"program", "chat-1"}}}),
        0)
        << "Patroni and the operator";
}

TEST(ClientsOfAReader, ASuperuserWhoReadsThroughAServiceIsOne) {
    EXPECT_EQ(clients_of({{{"name", "postgres"}, {"address", "10.0.0.7"}, {"program", "psql"}}}),
              1);
}

TEST(ReaderPool, DrainsNobodyWhilePaused) {
    ShrinkingPool pool;
    pool.topology.spec.paused = true;
    EXPECT_EQ(pool.after(0), (ReaderPool{3, {}}));
    EXPECT_EQ(pool.after(500), (ReaderPool{3, {}}));
    pool.topology.spec.paused = false;
    EXPECT_EQ(pool.after(1).replicas, 3) << "the time begins now";
    EXPECT_EQ(pool.after(99).replicas, 3);
    EXPECT_EQ(pool.after(1).replicas, 1);
}

TEST(ReaderPool, OneThatIsWantedAgainStays) {
    ShrinkingPool pool;
    pool.after(0);
    pool.topology.spec.read_replicas = 3;
    EXPECT_EQ(pool.after(200), (ReaderPool{3, {}}));
    EXPECT_EQ(pool.topology.status.instances.back().draining_since, std::nullopt);
}

TEST(ReaderPool, HibernationWaitsForNobody) {
    ShrinkingPool pool;
    pool.topology.spec.hibernated = true;
    EXPECT_EQ(pool.after(0), (ReaderPool{0, {}}));
}

TEST(ReaderPool, WhatDrainsIsNotHealedAndHoldsUpNoChange) {
    ShrinkingPool pool;
    pool.after(0);
    pool.seen.pods.back().is_ready = false;
    pool.change_template();
    pool.seen.pods[3].revision = "r2";
    const Plan plan = pool.visit();
    ASSERT_TRUE(plan.step);
    EXPECT_EQ(plan.step->instance, "chat-1");
}

}  // namespace
}  // namespace chatflow::postgres
