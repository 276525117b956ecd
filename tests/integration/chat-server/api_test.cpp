#include "tests/integration/chat-server/chat_server_test.hpp"
#include "workloads/chat-server/domain/limits.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace chatflow::chat {
namespace {

using nlohmann::json;

constexpr const char* kNoRoom = "/api/v1/rooms/01934567-89ab-7def-8123-456789abcdef";

class ApiTest : public ChatServerTest {
 protected:
    ApiTest() { serve(program_); }

    std::vector<std::int64_t> sequences(const json& page) {
        std::vector<std::int64_t> seqs;
        for (const json& message : page.at("messages")) seqs.push_back(message.at("seq"));
        return seqs;
    }
};

TEST_F(ApiTest, ARoomIsMadeShownAndChanged) {
    const Answer made = client_.post("/api/v1/rooms", {{"name", "General"}, {"topic", "all 😀"}});
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.location, "/api/v1/rooms/" + made.json()["id"].get<std::string>());
    EXPECT_EQ(client_.get(made.location).json(), made.json());  // from the database
    EXPECT_EQ(client_.get(made.location).json(), made.json());  // from the cache

    const Answer changed = client_.patch(made.location, {{"topic", "news"}});
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.json()["name"], "General");
    EXPECT_EQ(changed.json()["topic"], "news");
    EXPECT_EQ(changed.json()["version"], 2);
    EXPECT_EQ(client_.get(made.location).json(), changed.json());
}

TEST_F(ApiTest, RoomsAreListedNewestFirstPageByPage) {
    for (int i = 1; i <= 5; ++i) make_room("room " + std::to_string(i));
    std::vector<std::string> names;
    std::string path = "/api/v1/rooms?limit=2";
    for (int page = 0; page < 3; ++page) {
        const Answer answer = client_.get(path);
        ASSERT_EQ(answer.status, 200) << answer.body;
        const json rooms = answer.json();
        for (const json& room : rooms.at("rooms")) names.push_back(room.at("name"));
        if (rooms.at("next").is_null()) break;
        path = "/api/v1/rooms?limit=2&after=" + rooms.at("next").get<std::string>();
    }
    EXPECT_EQ(names, (std::vector<std::string>{"room 5", "room 4", "room 3", "room 2", "room 1"}));
}

TEST_F(ApiTest, AMessageKeepsItsTextAndGetsTheNextSequence) {
    const std::string path = make_room() + "/messages";
    const std::string text = "quote \" backslash \\ line\nend \x01 ünïcödé 😀";
    const Answer first = client_.post(path, {{"sender", "ann"}, {"body", text}});
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(first.json()["body"], text);
    EXPECT_EQ(first.json()["seq"], 1);
    EXPECT_EQ(client_.post(path, {{"sender", "bob"}, {"body", "b"}}).json()["seq"], 2);
    EXPECT_EQ(client_.get(path).json()["messages"][0], first.json());
}

TEST_F(ApiTest, TheSameMessageTenTimesAtOnceThroughTwoPodsIsStoredOnce) {
    Program second_pod(servers_);
    serve(second_pod);
    const std::string path = make_room() + "/messages";
    const json message = {{"sender", "ann"}, {"body", "hello"}, {"client_msg_id", "m-1"}};
    std::vector<Answer> answers(10);
    {
        std::vector<std::jthread> senders;
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const int port = i % 2 == 0 ? program_.port() : second_pod.port();
            senders.emplace_back(
                [&, i, port] { answers[i] = ApiClient(port).post(path, message); });
        }
    }
    std::set<std::string> bodies;
    for (const Answer& answer : answers) {
        EXPECT_EQ(answer.status, 201) << answer.body;
        bodies.insert(answer.body);
    }
    EXPECT_EQ(bodies.size(), 1U);
    EXPECT_EQ(sequences(client_.get(path).json()), std::vector<std::int64_t>{1});
    // Another sender's message with that id is another message.
    const json other = {{"sender", "bob"}, {"body", "hello"}, {"client_msg_id", "m-1"}};
    EXPECT_EQ(client_.post(path, other).json()["seq"], 2);
}

TEST_F(ApiTest, MessagesSentAtOnceGetSequencesWithoutGaps) {
    const std::string path = make_room() + "/messages";
    constexpr int kSenders = 12;
    constexpr int kEach = 10;
    {
        std::vector<std::jthread> senders;
        for (int sender = 0; sender < kSenders; ++sender) {
            senders.emplace_back([&, sender] {
                ApiClient client(program_.port());
                for (int i = 0; i < kEach; ++i) {
                    // Every second one a second time, and one for a room that is not there.
                    const json message = {{"sender", "s" + std::to_string(sender)},
                                          {"body", "b"},
                                          {"client_msg_id", std::to_string(i / 2)}};
                    EXPECT_EQ(client.post(path, message).status, 201);
                    EXPECT_EQ(client.post(kNoRoom + std::string("/messages"), message).status, 404);
                }
            });
        }
    }
    const auto seqs = sequences(client_.get(path + "?limit=200").json());
    ASSERT_EQ(seqs.size(), std::size_t{kSenders * kEach / 2});
    for (std::size_t i = 0; i < seqs.size(); ++i) EXPECT_EQ(seqs[i], static_cast<int>(i) + 1);
}

TEST_F(ApiTest, AHistoryIsReadBackwardsAndForwardsByCursors) {
    const std::string path = make_room() + "/messages";
    for (int i = 1; i <= 5; ++i) {
        ASSERT_EQ(client_.post(path, {{"sender", "ann"}, {"body", std::to_string(i)}}).status, 201);
    }
    const auto page = [&](const std::string& query) { return client_.get(path + query).json(); };
    const json newest = page("?limit=2");
    EXPECT_EQ(sequences(newest), (std::vector<std::int64_t>{4, 5}));
    EXPECT_EQ(newest.at("last_seq"), 5);
    const json older = page("?limit=2&before=" + newest.at("previous").get<std::string>());
    EXPECT_EQ(sequences(older), (std::vector<std::int64_t>{2, 3}));
    const json oldest = page("?limit=2&before=" + older.at("previous").get<std::string>());
    EXPECT_EQ(sequences(oldest), std::vector<std::int64_t>{1});
    EXPECT_TRUE(oldest.at("previous").is_null());
    EXPECT_EQ(sequences(page("?limit=3&after=" + oldest.at("next").get<std::string>())),
              (std::vector<std::int64_t>{2, 3, 4}));

    // The end is a place as well: what comes later is found from it.
    const std::string end = newest.at("next");
    EXPECT_TRUE(page("?after=" + end)["messages"].empty());
    ASSERT_EQ(client_.post(path, {{"sender", "ann"}, {"body", "6"}}).status, 201);
    EXPECT_EQ(sequences(page("?after=" + end)), std::vector<std::int64_t>{6});
}

// ---- refusals ------------------------------------------------------------------------------

struct Refusal {
    std::string what;
    std::string request;
    int status;
    std::string names;  // stands in the body
};

TEST_F(ApiTest, WhatCannotBeServedIsRefusedWithAProblemThatSaysWhy) {
    const std::string room = make_room();
    const std::string messages = room + "/messages";
    const auto ask = [](const auto&... words) { return ApiClient::request(words...); };
    const std::string too_long(kRequestBytesMax + 1, 'x');
    const std::vector<Refusal> refusals = {
        {"no JSON", ask("POST", "/api/v1/rooms", "{name"), 400, "must be JSON"},
        {"no object", ask("POST", "/api/v1/rooms", "[]"), 400, "must be a JSON object"},
        {"no name", ask("POST", "/api/v1/rooms", "{}"), 400, R"("path":"name")"},
        {"field misspelt", ask("POST", "/api/v1/rooms", R"({"name":"a","topik":""})"), 400,
         "topik"},
        {"no UTF-8", ask("POST", "/api/v1/rooms", "{\"name\":\"\xff\"}"), 400, "UTF-8"},
        {"no sender", ask("POST", messages, R"({"body":"b"})"), 400, R"("path":"sender")"},
        {"empty body", ask("POST", messages, R"({"sender":"a","body":""})"), 400,
         R"("path":"body")"},
        {"room id no UUID", ask("GET", "/api/v1/rooms/7"), 400, "UUID"},
        {"limit zero", ask("GET", messages + "?limit=0"), 400, "1 to 200"},
        {"limit above the most", ask("GET", messages + "?limit=201"), 400, "1 to 200"},
        {"cursor invented", ask("GET", messages + "?before=abc"), 400, R"("path":"before")"},
        {"no such room", ask("GET", kNoRoom), 404, "no room with this id"},
        {"no such room to read", ask("GET", kNoRoom + std::string("/messages")), 404, "no room"},
        {"no such route", ask("GET", "/api/v2/rooms"), 404, "Not Found"},
        {"method", ask("DELETE", "/api/v1/rooms"), 405, "Method Not Allowed"},
        {"too large", ask("POST", messages, too_long), 413, "Content Too Large"},
        {"form", ask("POST", messages, "a=b", "application/x-www-form-urlencoded"), 415,
         "application/json"},
        {"no media type", ask("POST", messages, "{}", ""), 415, "application/json"},
    };
    for (const Refusal& refusal : refusals) {
        ApiClient client(program_.port());
        const Answer answer = client.exchange(refusal.request);
        EXPECT_EQ(answer.status, refusal.status) << refusal.what << ": " << answer.body;
        EXPECT_EQ(answer.content_type, "application/problem+json") << refusal.what;
        EXPECT_EQ(answer.json()["status"], refusal.status) << refusal.what;
        EXPECT_TRUE(answer.body.contains(refusal.names)) << refusal.what << ": " << answer.body;
    }
    EXPECT_TRUE(client_.get(messages).json()["messages"].empty());
}

}  // namespace
}  // namespace chatflow::chat
