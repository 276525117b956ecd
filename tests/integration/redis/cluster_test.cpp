#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/slot.hpp"
#include "libs/redis/url.hpp"
#include "tests/integration/redis/redis_session.hpp"
#include "tests/support/test_redis_sets.hpp"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::redis {
namespace {

using test::RedisSession;

Options options_for(test::TestRedisCluster& cluster) {
    const auto port = std::to_string(cluster.node(1).port());
    return parse_url("redis+cluster://127.0.0.1:1,127.0.0.1:" + port).value();
}

const Script& append_script() {
    static const Script script(R"lua(
        redis.call('RPUSH', KEYS[1], ARGV[1])
        return redis.call('INCR', KEYS[2]))lua");
    return script;
}

// One cluster for all cases: it takes seconds to form.
class Cluster : public testing::Test {
 protected:
    static void SetUpTestSuite() { cluster = new test::TestRedisCluster; }
    static void TearDownTestSuite() {
        delete cluster;
        cluster = nullptr;
    }
    static test::TestRedisCluster* cluster;
};
test::TestRedisCluster* Cluster::cluster = nullptr;

TEST_F(Cluster, SendsEachKeyToItsNode) {
    RedisSession session(options_for(*cluster));
    for (int i = 0; i < 100; ++i) {
        const auto key = "key:" + std::to_string(i);
        session.call(Command{"SET", key, std::to_string(i)});
        EXPECT_EQ(session.call(Command{"GET", key}).text(), std::to_string(i));
    }
    for (std::size_t node = 0; node < 3; ++node) {
        EXPECT_FALSE(cluster->node(node).ask("DBSIZE").starts_with(":0")) << "node " << node;
    }
}

TEST_F(Cluster, RunsScriptsOverKeysOfOneHashTag) {
    RedisSession session(options_for(*cluster));
    for (const std::string tag : {"{a}", "{b}", "{c}", "{d}"}) {
        const std::array keys{tag + ":list", tag + ":count"};
        const std::array arguments{std::string("x")};
        const auto eval = [&] {
            return session.client().eval(append_script(), keys, arguments, RedisSession::soon());
        };
        EXPECT_EQ(test::run(session.io(), eval()).integer(), 1);
        EXPECT_EQ(test::run(session.io(), eval()).integer(), 2);
    }
}

TEST_F(Cluster, FollowsASlotThatMoves) {
    RedisSession session(options_for(*cluster));
    const std::string key = "{moved}:key";
    const int slot = slot_of(key);
    const std::size_t from = slot <= 5460 ? 0 : slot <= 10922 ? 1 : 2;
    const std::size_t to = (from + 1) % 3;
    // Half the way: the old node does not have the key and sends the call on, this once.
    cluster->begin_move(slot, from, to);
    session.call(Command{"SET", key, "half"});
    EXPECT_EQ(session.call(Command{"GET", key}).text(), "half");
    cluster->end_move(slot, to);
    session.call(Command{"SET", key, "whole"});
    EXPECT_EQ(session.call(Command{"GET", key}).text(), "whole");
    EXPECT_EQ(session.client().options_for(key)->port, cluster->node(to).port());
}

TEST_F(Cluster, TellsWhereToSubscribeForAShardsChannel) {
    RedisSession session(options_for(*cluster));
    const std::string channel = "{room}:news";
    const auto options = session.client().options_for(channel);
    ASSERT_TRUE(options);
    auto subscriber = test::run(session.io(), Connection::open(*options));
    const auto soon = RedisSession::soon();
    test::run(session.io(), subscriber->call(Command{"SSUBSCRIBE", channel}, soon));
    EXPECT_EQ(session.call(Command{"SPUBLISH", channel, "hello"}).integer(), 1);
    const auto message = test::run(session.io(), subscriber->read(soon));
    EXPECT_EQ(message[2].text(), "hello");
}

TEST_F(Cluster, RefusesKeysOfDifferentSlots) {
    RedisSession session(options_for(*cluster));
    EXPECT_THROW(session.call(Command{"MGET", "a", "b"}), ServerError);
}

}  // namespace
}  // namespace chatflow::redis
