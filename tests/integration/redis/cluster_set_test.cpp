#include "tests/integration/redis/cluster_set.hpp"

#include "libs/redis/errors.hpp"
#include "libs/redis/url.hpp"
#include "tests/integration/redis/redis_session.hpp"

#include <atomic>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using redis_topology::ClusterState;
using redis_topology::NodeRole;
using test::ClusterSet;

constexpr int kSettleSeconds = 60;  // a bound; on a machine of its own it takes a few

redis::Options options_for(const ClusterSet& set) {
    return redis::parse_url(fmt::format("redis+cluster://:cluster-secret@127.0.0.1:{},127.0.0.1:{}",
                                        set.port(0), set.port(2)))
        .value();
}

/// A client that writes and reads its own writes until it is stopped; it follows MOVED and ASK.
class Load {
 public:
    explicit Load(const ClusterSet& set)
        : options_(options_for(set)), thread_([this] { work(); }) {}
    ~Load() { stop(); }
    void stop() {
        stopped_ = true;
        if (thread_.joinable()) thread_.join();
    }
    [[nodiscard]] int done() const { return done_; }
    [[nodiscard]] int failed() const { return failed_; }
    [[nodiscard]] std::string error() const { return error_; }

 private:
    void work() {
        try {
            write_and_read();
        } catch (const std::exception& error) {
            ++failed_;
            error_ = error.what();
        }
    }
    void write_and_read() {
        test::RedisSession session(options_);
        for (int i = 0; !stopped_; ++i) {
            const std::string key = fmt::format("load:{}", i);
            try {
                session.call(redis::Command{"SET", key, key});
                if (session.call(redis::Command{"GET", key}).text() != key) throw redis::Error(key);
                ++done_;
            } catch (const redis::Error& error) {
                ++failed_;
                error_ = error.what();
            }
        }
    }

    redis::Options options_;
    std::atomic<bool> stopped_{false};
    std::atomic<int> done_{0};
    std::atomic<int> failed_{0};
    std::string error_;  // read after stop()
    std::thread thread_;
};

std::vector<std::size_t> slots_of(const ClusterState& state) {
    std::vector<std::size_t> counts;
    for (const auto& shard : state.shards) counts.push_back(shard.slots.size());
    return counts;
}

// One cluster for all cases, in their order: it takes seconds to form.
class ClusterOperations : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        set = new ClusterSet(3);
        ASSERT_TRUE(set->settle(kSettleSeconds));
        test::RedisSession session(options_for(*set));
        for (int i = 0; i < kKeys; ++i) {
            session.call(redis::Command{"SET", fmt::format("key:{}", i), std::to_string(i)});
        }
    }
    static void TearDownTestSuite() {
        delete set;
        set = nullptr;
    }
    static int keys_found() { return keys_found(*set); }
    static int keys_found(const ClusterSet& in) {
        test::RedisSession session(options_for(in));
        int found = 0;
        for (int i = 0; i < kKeys; ++i) {
            const auto reply = session.call(redis::Command{"GET", fmt::format("key:{}", i)});
            if (!reply.is_nil() && reply.text() == std::to_string(i)) ++found;
        }
        return found;
    }
    static constexpr int kKeys = 2000;
    static ClusterSet* set;
};
ClusterSet* ClusterOperations::set = nullptr;

TEST_F(ClusterOperations, FormWithEvenSlots) {
    const ClusterState state = set->state();
    EXPECT_EQ(slots_of(state), (std::vector<std::size_t>{5462, 5461, 5461}));
    for (const auto& shard : state.shards) EXPECT_EQ(shard.in_sync, 1);
}

TEST_F(ClusterOperations, GrowAndShrinkWhileServing) {
    Load load(*set);
    set->set_shards(4);
    EXPECT_TRUE(set->settle(kSettleSeconds)) << set->unfinished();
    EXPECT_EQ(slots_of(set->state()), std::vector<std::size_t>(4, 4096));
    set->set_shards(3);
    EXPECT_TRUE(set->settle(kSettleSeconds)) << set->unfinished();
    EXPECT_EQ(set->nodes(), 6);
    load.stop();
    EXPECT_EQ(load.failed(), 0) << load.error();
    EXPECT_GT(load.done(), 100);
    EXPECT_EQ(keys_found(), kKeys);
}

TEST_F(ClusterOperations, HandOverBeforeAMasterStopsAndLoseNothing) {
    Load load(*set);
    set->hand_over(0);
    EXPECT_EQ(set->node(0).role, NodeRole::Replica);
    EXPECT_EQ(set->node(1).role, NodeRole::Master);
    EXPECT_TRUE(set->settle(kSettleSeconds)) << set->unfinished();
    load.stop();
    EXPECT_EQ(load.failed(), 0) << load.error();
    EXPECT_EQ(keys_found(), kKeys);
}

TEST_F(ClusterOperations, TakeInANodeThatLostItsVolume) {
    const int master = set->node(2).role == NodeRole::Master ? 2 : 3;
    set->replace(master);
    EXPECT_TRUE(set->settle(kSettleSeconds)) << set->unfinished();
    EXPECT_EQ(set->node(master).role, NodeRole::Replica);
    EXPECT_EQ(keys_found(), kKeys);
}

TEST_F(ClusterOperations, ComeBackAfterAFullRestartWithNewAddresses) {
    set->restart_all_elsewhere();
    EXPECT_TRUE(set->settle(kSettleSeconds)) << set->unfinished();
    EXPECT_EQ(keys_found(), kKeys);
}

TEST_F(ClusterOperations, BeginWithABackupAlsoWithMoreShardsThanItHas) {
    const test::TemporaryFolder backups;
    {
        Load load(*set);
        ASSERT_EQ(set->back_up(backups.path(), "20261121-030000"), 0) << set->said();
    }
    EXPECT_TRUE(std::filesystem::exists(backups.path() / "20261121-030000" / "shard-2.rdb"));
    test::RedisSession(options_for(*set)).call(redis::Command{"SET", "key:0", "later"});

    ClusterSet restored(4, backups.path());
    EXPECT_TRUE(restored.settle(kSettleSeconds)) << restored.unfinished();
    EXPECT_EQ(slots_of(restored.state()), std::vector<std::size_t>(4, 4096));
    EXPECT_EQ(keys_found(restored), kKeys);
    EXPECT_EQ(keys_found(), kKeys - 1);

    try {
        const ClusterSet refused(2, backups.path());
        ADD_FAILURE() << "two shards have no room for three";
    } catch (const std::runtime_error& refusal) {
        EXPECT_STREQ(refusal.what(),
                     "20261121-030000 has 3 shards: shards has to be at least as many, not 2; "
                     "lower it when all is there");
    }
}

}  // namespace
}  // namespace chatflow
