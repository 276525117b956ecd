#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <string>

#include <hiredis/hiredis.h>

namespace chatflow::chat {
namespace {

using nlohmann::json;

constexpr const char* kTraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* kParent =
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";

class TracingTest : public AccountsTest {
 protected:
    TracingTest() : ann_(sign_up("ann")) { act_as(ann_); }

    // The trace id of "00-<trace>-<span>-01"; "" without one.
    static std::string trace_of(const Answer& answer) {
        const auto place = answer.headers.find("traceresponse");
        return place == answer.headers.end() ? "" : place->second.substr(3, 32);
    }

    std::string ask_redis(const std::string& command) {
        redisContext* redis = redisConnect("127.0.0.1", servers_.redis_port);
        auto* reply = static_cast<redisReply*>(redisCommand(redis, command.c_str()));
        std::string text = text_of(reply);
        freeReplyObject(reply);
        redisFree(redis);
        return text;
    }

    // Every text in a reply, whatever it is nested in.
    static std::string text_of(const redisReply* reply) {
        if (reply == nullptr) return {};
        if (reply->str != nullptr) return std::string(reply->str, reply->len) + '\n';
        std::string text;
        for (std::size_t i = 0; i < reply->elements; ++i) text += text_of(reply->element[i]);
        return text;
    }

    json ann_;
};

TEST_F(TracingTest, AClientsTraceGoesToTheRoomAndToTheJob) {
    const std::string room = client_.post("/api/v1/rooms", {{"name", "x"}}).location;
    const Answer sent = client_.post(room + "/messages", {{"body", "hello"}}, kParent);
    ASSERT_EQ(sent.status, 201) << sent.body;
    EXPECT_EQ(trace_of(sent), kTraceId);
    // With a span of our own.
    EXPECT_FALSE(sent.headers.at("traceresponse").contains("00f067aa0ba902b7"));
    const std::string log = "XRANGE {rt0}:log:" + room.substr(room.rfind('/') + 1) + " - +";
    const std::string member = R"("traceparent":"00-)" + std::string(kTraceId);
    EXPECT_TRUE(eventually([&] { return ask_redis(log).contains(member); })) << ask_redis(log);

    const Answer asked = client_.post("/api/v1/exports", json::object(), kParent);
    ASSERT_EQ(asked.status, 202) << asked.body;
    const std::string job = "HGET bull:exports:export-" +
                            asked.location.substr(asked.location.rfind('/') + 1) + " data";
    EXPECT_TRUE(eventually([&] { return ask_redis(job).contains(member); })) << ask_redis(job);
    EXPECT_TRUE(ask_redis(job).contains(R"("userId":)"));
}

TEST_F(TracingTest, ATraceBeginsWithWhatChangesSomethingOrFails) {
    const Answer made = client_.post("/api/v1/rooms", {{"name", "x"}});
    EXPECT_EQ(trace_of(made).size(), 32U);
    EXPECT_EQ(trace_of(client_.get(made.location)), "");
    EXPECT_EQ(trace_of(client_.get(made.location, kParent)), kTraceId);
    EXPECT_EQ(trace_of(client_.get("/api/v1/nothing")).size(), 32U);
    const Answer other = client_.get("/api/v1/nothing", "traceparent: rubbish\r\n");
    EXPECT_EQ(trace_of(other).size(), 32U);
    // A room is told of traces that clients ask for only.
    ASSERT_EQ(client_.post(made.location + "/messages", {{"body", "hello"}}).status, 201);
    const std::string log =
        "XRANGE {rt0}:log:" + made.location.substr(made.location.rfind('/') + 1) + " - +";
    EXPECT_TRUE(eventually([&] { return ask_redis(log).contains("message.created"); }));
    EXPECT_FALSE(ask_redis(log).contains("traceparent"));
}

TEST_F(TracingTest, AccessLogLinesNameTheTrace) {
    Program logged(servers_, {"CHATFLOW_ACCESS_LOG_EVERY=1"});
    serve(logged);
    const Answer read = ApiClient(logged.port()).get("/api/v1/rooms", kParent);
    EXPECT_EQ(read.status, 200);
    EXPECT_EQ(ApiClient(logged.port()).get("/api/v1/rooms").headers.count("traceresponse"), 1U);
    const std::string member = R"("trace_id":")" + std::string(kTraceId);
    EXPECT_TRUE(eventually([&] { return logged.log().contains(member); })) << logged.log();
}

}  // namespace
}  // namespace chatflow::chat
