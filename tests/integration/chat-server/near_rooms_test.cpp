#include "tests/integration/chat-server/chat_server_test.hpp"

#include <string>

#include <hiredis/hiredis.h>

namespace chatflow::chat {
namespace {

class NearRoomsTest : public ChatServerTest {
 protected:
    static double near_reads(const Program& pod, const std::string& result) {
        const std::string page = ApiClient(pod.metrics_port()).get("/metrics").body;
        const std::string name =
            R"(chatflow_chat_cache_requests_total{cache="room-near",result=")" + result + "\"} ";
        const auto place = page.find(name);
        return place == std::string::npos ? -1 : std::stod(page.substr(place + name.size()));
    }

    // Read until it comes from near by.
    bool is_read_near(const Program& pod, ApiClient& client, const std::string& room) {
        return eventually([&] {
            const double hits = near_reads(pod, "hit");
            EXPECT_EQ(client.get(room).status, 200);
            return near_reads(pod, "hit") > hits;
        });
    }
};

TEST_F(NearRoomsTest, AnotherPodLearnsOfEveryChange) {
    Program other(servers_, {"CHATFLOW_THREADS=1"});
    serve(program_);
    serve(other);
    ApiClient there(other.port());
    const std::string room = make_room();
    for (int change = 0; change < 10; ++change) {
        ASSERT_TRUE(is_read_near(other, there, room));
        const std::string topic = "topic " + std::to_string(change);
        ASSERT_EQ(client_.patch(room, {{"topic", topic}}).status, 200);
        // Where it was changed nobody reads what was before.
        EXPECT_EQ(client_.get(room).json()["topic"], topic);
        ASSERT_TRUE(eventually([&] { return there.get(room).json()["topic"] == topic; }));
    }
    EXPECT_GE(near_reads(other, "invalidation"), 10);
}

TEST_F(NearRoomsTest, ServesOnWhenRedisForbidsToBeListenedTo) {
    redisContext* admin = redisConnect("127.0.0.1", servers_.redis_port);
    freeReplyObject(redisCommand(admin, "ACL SETUSER default -client|tracking"));
    Program pod(servers_, {"CHATFLOW_THREADS=1"});
    serve(pod);
    EXPECT_TRUE(eventually([&] { return pod.log().contains("Redis does not tell of changes"); }));
    freeReplyObject(redisCommand(admin, "ACL SETUSER default +client|tracking"));
    redisFree(admin);
    ApiClient client(pod.port());
    const std::string room = client.post("/api/v1/rooms", {{"name", "x"}}).location;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.get(room).status, 200);
    EXPECT_EQ(near_reads(pod, "hit"), 0);
}

}  // namespace
}  // namespace chatflow::chat
