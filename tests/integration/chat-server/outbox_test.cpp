#include "tests/integration/chat-server/chat_server_test.hpp"

#include <csignal>
#include <string>
#include <vector>

#include <hiredis/hiredis.h>
#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using nlohmann::json;

class OutboxTest : public ChatServerTest {
 protected:
    std::string send(ApiClient& client, const std::string& room, const std::string& body) {
        const Answer sent = client.post(room + "/messages", {{"sender", "ann"}, {"body", body}});
        EXPECT_EQ(sent.status, 201) << sent.body;
        return sent.json()["id"];
    }

    // What the room was told, oldest first.
    std::vector<json> told(int redis_port, const std::string& room) {
        const std::string id = room.substr(room.rfind('/') + 1);
        redisContext* redis = redisConnect("127.0.0.1", redis_port);
        auto* reply =
            static_cast<redisReply*>(redisCommand(redis, "XRANGE {rt0}:log:%s - +", id.c_str()));
        std::vector<json> events;
        for (std::size_t i = 0; reply != nullptr && i < reply->elements; ++i) {
            const redisReply* fields = reply->element[i]->element[1];
            for (std::size_t f = 0; f + 1 < fields->elements; f += 2) {
                if (std::string(fields->element[f]->str) != "d") continue;
                events.push_back(json::parse(fields->element[f + 1]->str));
            }
        }
        freeReplyObject(reply);
        redisFree(redis);
        return events;
    }

    std::vector<std::int64_t> told_sequences(int redis_port, const std::string& room) {
        std::vector<std::int64_t> sequences;
        for (const json& event : told(redis_port, room)) sequences.push_back(event.at(1).at("seq"));
        return sequences;
    }

    // Seconds for which a message that was told is recognised when it is told again.
    long long name_time(const std::string& room, const std::string& message) {
        const std::string id = room.substr(room.rfind('/') + 1);
        redisContext* redis = redisConnect("127.0.0.1", servers_.redis_port);
        auto* reply = static_cast<redisReply*>(
            redisCommand(redis, "TTL {rt0}:once:%s:%s", id.c_str(), message.c_str()));
        const long long time = reply != nullptr ? reply->integer : 0;
        freeReplyObject(reply);
        redisFree(redis);
        return time;
    }

    int outbox_rows() {
        pqxx::connection connection(postgres().connection_string(servers_.database));
        return pqxx::nontransaction(connection).query_value<int>("SELECT count(*) FROM outbox");
    }
};

std::vector<std::int64_t> numbers_to(std::int64_t last) {
    std::vector<std::int64_t> numbers;
    for (std::int64_t i = 1; i <= last; ++i) numbers.push_back(i);
    return numbers;
}

TEST_F(OutboxTest, ARoomIsToldOfItsMessages) {
    serve(program_);
    const std::string room = make_room();
    const std::string id = send(client_, room, "quote \" and 😀");
    ASSERT_TRUE(eventually([&] { return told(servers_.redis_port, room).size() == 1; }));
    const json event = told(servers_.redis_port, room)[0];
    EXPECT_EQ(event.at(0), "message.created");
    EXPECT_EQ(event.at(1).at("messageId"), id);
    EXPECT_EQ(event.at(1).at("roomId"), room.substr(room.rfind('/') + 1));
    EXPECT_EQ(event.at(1).at("body"), "quote \" and 😀");
    EXPECT_EQ(event.at(1).at("seq"), 1);
    EXPECT_TRUE(eventually([&] { return outbox_rows() == 0; }));
}

TEST_F(OutboxTest, ARoomIsToldWhichThreadAnAnswerBelongsTo) {
    serve(program_);
    const std::string room = make_room();
    send(client_, room, "question");
    const json answer = {{"sender", "bob"}, {"body", "answer"}, {"reply_to", 1}};
    ASSERT_EQ(client_.post(room + "/messages", answer).status, 201);
    ASSERT_TRUE(eventually([&] { return told(servers_.redis_port, room).size() == 2; }));
    const auto events = told(servers_.redis_port, room);
    EXPECT_FALSE(events[0][1].contains("replyTo"));
    EXPECT_EQ(events[1][1]["replyTo"], 1);
}

TEST_F(OutboxTest, TwoPodsTellEachMessageOnceAndInOrder) {
    serve(program_);
    Program other(servers_);
    serve(other);
    ApiClient to_other(other.port());
    const std::string room = make_room();
    for (int i = 0; i < 60; ++i) send(i % 2 == 0 ? client_ : to_other, room, "x");
    ASSERT_TRUE(eventually([&] { return told(servers_.redis_port, room).size() >= 60; }));
    EXPECT_EQ(told_sequences(servers_.redis_port, room), numbers_to(60));
}

TEST_F(OutboxTest, WhatWasSentWhileRedisWasAwayIsToldAfterwards) {
    test::TestRedis redis;
    Servers servers = servers_;
    servers.redis_port = redis.port();
    Program program(servers);
    serve(program);
    ApiClient client(program.port());
    const std::string room = client.post("/api/v1/rooms", {{"name", "General"}}).location;
    redis.kill();
    for (int i = 0; i < 20; ++i) send(client, room, "x");
    EXPECT_EQ(outbox_rows(), 20);
    redis.start();
    ASSERT_TRUE(eventually([&] { return told(redis.port(), room).size() >= 20; }));
    EXPECT_EQ(told_sequences(redis.port(), room), numbers_to(20));
}

TEST_F(OutboxTest, WhatWasToldIsRecognisedForAsLongAsItsRowMayCome) {
    serve(program_);
    const std::string room = make_room();
    pqxx::connection connection(postgres().connection_string(servers_.database));
    pqxx::nontransaction(connection)
        .exec(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION 'not now'; END$$; "
            "CREATE TRIGGER refuse BEFORE DELETE ON outbox EXECUTE FUNCTION refuse()");
    const std::string id = send(client_, room, "x");
    ASSERT_TRUE(eventually([&] { return told(servers_.redis_port, room).size() == 1; }));
    EXPECT_GT(name_time(room, id), 12 * 3600);
    pqxx::nontransaction(connection).exec("DROP TRIGGER refuse ON outbox");
    ASSERT_TRUE(eventually([&] { return outbox_rows() == 0; }));
    EXPECT_TRUE(eventually([&] { return name_time(room, id) <= 300; }));
    EXPECT_EQ(told(servers_.redis_port, room).size(), 1U);
}

TEST_F(OutboxTest, APodThatIsKilledHandsOverToAnother) {
    Program first(servers_);
    serve(first);
    ApiClient to_first(first.port());
    const std::string room = to_first.post("/api/v1/rooms", {{"name", "General"}}).location;
    send(to_first, room, "x");
    ASSERT_TRUE(eventually([&] { return told(servers_.redis_port, room).size() == 1; }));
    serve(program_);
    first.send(SIGKILL);
    static_cast<void>(first.wait());
    for (int i = 0; i < 5; ++i) send(client_, room, "x");
    ASSERT_TRUE(eventually([&] { return told(servers_.redis_port, room).size() >= 6; }));
    EXPECT_EQ(told_sequences(servers_.redis_port, room), numbers_to(6));
}

}  // namespace
}  // namespace chatflow::chat
