#include "libs/base/exception_text.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/exists.hpp"
#include "libs/redis/slot.hpp"
#include "libs/redis/url.hpp"
#include "tests/integration/redis/redis_session.hpp"
#include "tests/integration/redis/scripted_node.hpp"
#include "tests/support/test_redis_sets.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>
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

TEST_F(Cluster, TellsWhichKeysExistOnAllNodes) {
    RedisSession session(options_for(*cluster));
    std::vector<std::string> keys;
    std::vector<bool> made;
    for (int i = 0; i < 100; ++i) {
        keys.push_back("maybe:" + std::to_string(i));
        made.push_back(i % 3 == 0);
        if (made.back()) session.call(Command{"SET", keys.back(), "here"});
    }
    const auto ask = [&] { return exist(session.client(), keys, RedisSession::soon()); };
    EXPECT_EQ(test::run(session.io(), ask()), made);
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

/// One answer of CLUSTER SLOTS: each node with its part of the slots, in their order.
std::string slots_of(const std::vector<std::uint16_t>& ports) {
    std::string text = fmt::format("*{}\r\n", ports.size());
    const std::size_t share = kSlots / ports.size();
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const std::size_t last = i + 1 == ports.size() ? kSlots - 1 : share * (i + 1) - 1;
        text += fmt::format("*3\r\n:{}\r\n:{}\r\n*2\r\n$9\r\n127.0.0.1\r\n:{}\r\n", share * i, last,
                            ports[i]);
    }
    return text;
}

std::string key_in(bool first_half) {
    for (int i = 0;; ++i) {
        const std::string key = fmt::format("key:{}", i);
        if ((slot_of(key) < kSlots / 2) == first_half) return key;
    }
}

TEST(ClusterClient, HearsTheAnswerOfANodeThatHasLeftTheMapMeanwhile) {
    std::atomic<bool> has_left{false};
    std::vector<std::uint16_t> ports;
    const auto answer = [&](const Reply& command) -> std::string {
        if (command[0].text() == "PING") return "+PONG\r\n";
        if (command[0].text() == "CLUSTER") {
            return slots_of(has_left ? std::vector{ports[0]} : ports);
        }
        return "$4\r\nlate\r\n";
    };
    std::atomic<bool> was_asked{false};
    test::ScriptedNode leaving([&](const Reply& command) {
        if (command[0].text() == "GET") {
            was_asked = true;
            std::this_thread::sleep_for(std::chrono::milliseconds(600));
        }
        return answer(command);
    });
    test::ScriptedNode staying([&](const Reply& command) {
        const bool tells = command[0].text() == "GET" && !has_left.exchange(true);
        if (!tells) return answer(command);
        return fmt::format("-MOVED {} 127.0.0.1:{}\r\n", slot_of(command[1].text()), ports[0]);
    });
    ports = {staying.port(), leaving.port()};
    RedisSession session(
        parse_url(fmt::format("redis+cluster://127.0.0.1:{}", staying.port())).value());
    std::optional<std::string> heard;
    asio::co_spawn(session.io(),
                   session.client().call(Command{"GET", key_in(false)}, RedisSession::soon()),
                   [&](const std::exception_ptr& error, const Reply& reply) {
                       heard = error ? what_of(error) : std::string(reply.text());
                   });
    const auto pause = [&] {
        test::run(session.io(), sleep_until(Deadline::after(std::chrono::milliseconds(10))));
    };
    while (!was_asked) pause();
    EXPECT_EQ(session.call(Command{"GET", key_in(true)}).text(), "late");
    while (!heard) pause();
    EXPECT_EQ(*heard, "late");
}

}  // namespace
}  // namespace chatflow::redis
