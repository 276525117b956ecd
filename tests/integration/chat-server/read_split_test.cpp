#include "tests/integration/chat-server/chat_server_test.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <hiredis/hiredis.h>

namespace chatflow::chat {
namespace {

// Reads are served by a standby that streams from the primary.
class ReadSplitTest : public ChatServerTest {
 protected:
    static void SetUpTestSuite() { standby = std::make_unique<test::TestStandby>(postgres()); }
    static void TearDownTestSuite() { standby.reset(); }

    ReadSplitTest() : one_(servers_, settings()), two_(servers_, settings()) {
        serve(one_);
        serve(two_);
        // What is on both servers from the beginning.
        room_ = post(one_, "192.0.2.1", "/api/v1/rooms", {{"name", "x"}}).location;
        EXPECT_TRUE(eventually([&] { return replica_serves(one_) && replica_serves(two_); }));
    }

    static std::vector<std::string> settings() {
        return {"CHATFLOW_POSTGRES_READ_ADDRESS=127.0.0.1:" + std::to_string(standby->port()),
                "CHATFLOW_TRUSTED_PROXIES=127.0.0.0/8", "CHATFLOW_POSTGRES_READ_POOL_SIZE=2"};
    }

    static std::string from(const std::string& address) {
        return "X-Forwarded-For: " + address + "\r\n";
    }

    static Answer post(Program& pod, const std::string& who, const std::string& path,
                       const nlohmann::json& body) {
        return ApiClient(pod.port()).post(path, body, from(who));
    }

    // Somebody who has written nothing.
    Answer history(Program& pod, const std::string& who = "192.0.2.99",
                   const std::string& headers = "") {
        return ApiClient(pod.port()).get(room_ + "/messages?limit=1", from(who) + headers);
    }
    std::int64_t last_seq(Program& pod, const std::string& who = "192.0.2.99",
                          const std::string& headers = "") {
        const Answer answer = history(pod, who, headers);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.json()["last_seq"];
    }

    Answer send(Program& pod, const std::string& who) {
        Answer sent = post(pod, who, room_ + "/messages", {{"sender", "a"}, {"body", "b"}});
        EXPECT_EQ(sent.status, 201) << sent.body;
        return sent;
    }

    static long reads(Program& pod, const std::string& labels) {
        const std::string page = ApiClient(pod.metrics_port()).get("/metrics").body;
        const std::string name = "chatflow_chat_reads_total{" + labels + "} ";
        const auto at = page.find(name);
        return at == std::string::npos ? 0 : std::stol(page.substr(at + name.size()));
    }

    bool replica_serves(Program& pod) {
        const long before = reads(pod, kByReplica);
        return history(pod).status == 200 && reads(pod, kByReplica) > before;
    }

    static constexpr const char* kByReplica = R"(reason="none",served_by="replica")";
    static constexpr const char* kBehind = R"(reason="behind",served_by="primary")";
    static constexpr std::int64_t kMessages = 20;
    static inline std::unique_ptr<test::TestStandby> standby;
    Program one_;
    Program two_;
    std::string room_;
};

TEST_F(ReadSplitTest, WhoHasWrittenSeesItWhileReplayIsPausedOnEveryPod) {
    standby->pause_replay();
    for (std::int64_t seq = 1; seq <= kMessages; ++seq) {
        const Answer sent = send(one_, "192.0.2.1");
        ASSERT_EQ(sent.json()["seq"], seq);
        // Others may be served what is a little older.
        if (seq == 1) {
            EXPECT_EQ(last_seq(two_), 0);
        }
        ASSERT_EQ(last_seq(one_, "192.0.2.1"), seq);
        ASSERT_EQ(last_seq(two_, "192.0.2.1"), seq);
        // Whoever is given the position sees it as well.
        const std::string position = sent.headers.at("chatflow-position");
        ASSERT_EQ(last_seq(two_, "192.0.2.2", "Chatflow-Position: " + position + "\r\n"), seq);
    }
    EXPECT_GT(reads(two_, kBehind), 0);
    // After the greatest lag nobody is.
    EXPECT_TRUE(eventually([&] { return last_seq(two_) == kMessages; }));
    standby->resume_replay();
    EXPECT_TRUE(eventually([&] { return replica_serves(one_); }));
    EXPECT_EQ(last_seq(one_), kMessages);
    EXPECT_EQ(history(one_, "192.0.2.1", "Chatflow-Position: 1\r\n").status, 400);
}

TEST_F(ReadSplitTest, WhoHasWrittenSeesItAlsoWhenRedisIsSlowToNoteIt) {
    standby->pause_replay();
    redisContext* redis = redisConnect("127.0.0.1", servers_.redis_port);
    freeReplyObject(redisCommand(redis, "CLIENT PAUSE 700 WRITE"));  // reads go on
    static_cast<void>(send(one_, "192.0.2.1"));
    EXPECT_EQ(last_seq(two_, "192.0.2.1"), 1);
    freeReplyObject(redisCommand(redis, "CLIENT UNPAUSE"));
    redisFree(redis);
    standby->resume_replay();
}

TEST_F(ReadSplitTest, AReplicaThatDiesIsReplacedByThePrimaryWithoutAnError) {
    std::atomic<bool> is_over = false;
    std::atomic<int> answered = 0;
    std::atomic<int> failed = 0;
    const auto read_on = [&](Program& pod) {
        ApiClient client(pod.port());
        while (!is_over) {
            const Answer answer = client.get(room_ + "/messages", from("192.0.2.50"));
            if (answer.status != 200) ++failed;
            ++answered;
        }
    };
    {
        std::jthread first([&] { read_on(one_); });
        std::jthread second([&] { read_on(two_); });
        EXPECT_TRUE(eventually([&] { return answered > 50; }));
        standby->kill();
        const auto says = [&](const std::string& status) {
            const Answer ready = ApiClient(one_.port()).get("/health/ready");
            return ready.status == 200 && ready.json()["status"] == status;
        };
        EXPECT_TRUE(eventually([&] { return says("degraded"); }));
        const int before = answered;
        EXPECT_TRUE(eventually([&] { return answered > before + 50; }));
        standby->start();
        EXPECT_TRUE(eventually([&] { return replica_serves(one_) && says("ready"); }));
        is_over = true;
    }
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(send(one_, "192.0.2.1").json()["seq"], 1);
}

}  // namespace
}  // namespace chatflow::chat
