#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <hiredis/hiredis.h>

namespace chatflow::chat {
namespace {

using nlohmann::json;

// The cache may forget at any time; the gateways and workers share the queue, which keeps.
class TwoRedisTest : public AccountsTest {
 protected:
    static void SetUpTestSuite() {
        cache = std::make_unique<test::TestRedis>();
        queue = std::make_unique<test::TestRedis>();
        ask(*queue, "CONFIG SET maxmemory-policy noeviction");
    }
    static void TearDownTestSuite() {
        cache.reset();
        queue.reset();
    }

    TwoRedisTest()
        : AccountsTest(
              {fmt::format("CHATFLOW_REDIS_PORT={}", cache->port()),
               fmt::format("CHATFLOW_QUEUE_REDIS_URL=redis://127.0.0.1:{}", queue->port())}) {
        act_as(sign_up("ann"));
        room_ = client_.post("/api/v1/rooms", {{"name", "General"}}).location;
    }

    // A text, a number, or how many there are.
    static std::string ask(const test::TestRedis& server, const std::string& command) {
        redisContext* redis = redisConnect("127.0.0.1", server.port());
        auto* reply = static_cast<redisReply*>(redisCommand(redis, command.c_str()));
        std::string text;
        if (reply != nullptr && reply->type == REDIS_REPLY_INTEGER) {
            text = std::to_string(reply->integer);
        } else if (reply != nullptr && reply->type == REDIS_REPLY_ARRAY) {
            text = std::to_string(reply->elements);
        } else if (reply != nullptr && reply->str != nullptr) {
            text.assign(reply->str, reply->len);
        }
        freeReplyObject(reply);
        redisFree(redis);
        return text;
    }

    static std::string keys(const test::TestRedis& server, const std::string& pattern) {
        return ask(server, "KEYS " + pattern);
    }

    void send_messages(int count) {
        for (int i = 0; i < count; ++i) {
            const Answer sent = client_.post(room_ + "/messages", {{"body", "hello"}});
            ASSERT_EQ(sent.status, 201) << sent.body;
        }
    }

    // Messages that the room's members can be told of.
    std::string told() {
        return ask(*queue, "XLEN {rt0}:log:" + room_.substr(room_.rfind('/') + 1));
    }

    std::string check(const std::string& name) {
        return client_.get("/health/ready").json()["checks"][name]["status"];
    }

    static inline std::unique_ptr<test::TestRedis> cache;
    static inline std::unique_ptr<test::TestRedis> queue;
    std::string room_;
};

TEST_F(TwoRedisTest, ACacheThatForgetsLosesNoJobAndNothingThatARoomIsTold) {
    ask(*cache, "CONFIG SET maxmemory-policy allkeys-lru");
    const Answer first = client_.post("/api/v1/exports", json::object());
    ASSERT_EQ(first.status, 202) << first.body;
    send_messages(10);
    ASSERT_EQ(client_.get(room_).status, 200);
    EXPECT_TRUE(eventually([&] {
        return told() == "10" && keys(*queue, "bull:exports:export-*") == "1";
    })) << told()
        << " told, " << keys(*queue, "bull:*") << " of jobs";
    EXPECT_EQ(keys(*cache, "{rt*"), "0");
    EXPECT_EQ(keys(*cache, "bull:*"), "0");
    EXPECT_NE(keys(*cache, "room:*"), "0");

    ask(*cache, "FLUSHALL");
    ask(*cache, "CONFIG SET maxmemory 1");  // nothing stays, and writes are refused
    const Answer second = client_.post("/api/v1/exports", json::object());
    ASSERT_EQ(second.status, 202) << second.body;
    send_messages(10);
    EXPECT_TRUE(eventually([&] {
        return told() == "20" && keys(*queue, "bull:exports:export-*") == "2";
    })) << told()
        << " told, " << keys(*queue, "bull:*") << " of jobs";
    EXPECT_EQ(client_.get(first.location).json()["state"], "waiting");
    ask(*cache, "CONFIG SET maxmemory 0");
}

TEST_F(TwoRedisTest, ReadinessTellsOfEachByName) {
    EXPECT_EQ(check("redis"), "up");
    EXPECT_EQ(check("queue-redis"), "up");
    queue->kill();
    EXPECT_TRUE(eventually([&] { return check("queue-redis") == "down"; }));
    EXPECT_EQ(check("redis"), "up");
    const Answer degraded = client_.get("/health/ready");
    EXPECT_EQ(degraded.status, 200);
    EXPECT_EQ(degraded.json()["status"], "degraded");
    // What is said meanwhile waits in PostgreSQL.
    send_messages(3);
    queue->start();
    EXPECT_TRUE(eventually([&] { return told() == "3"; })) << told();
    cache->kill();
    EXPECT_TRUE(eventually([&] { return check("redis") == "down"; }));
    EXPECT_EQ(check("queue-redis"), "up");
    send_messages(1);
    EXPECT_TRUE(eventually([&] { return told() == "4"; })) << told();
    cache->start();
}

TEST_F(TwoRedisTest, WhoIsOnlineIsWhatTheGatewaysWriteThere) {
    const std::string user = client_.get("/api/v1/users/me").json()["id"];
    ask(*queue, "SET {online:" + user + "}:announced 1");
    const json online = client_.get("/api/v1/presence?users=" + user).json()["online"];
    EXPECT_EQ(online[user], true) << online;
}

}  // namespace
}  // namespace chatflow::chat
