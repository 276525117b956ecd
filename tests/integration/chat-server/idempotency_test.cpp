#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using nlohmann::json;

std::string with_key(const std::string& key) { return "Idempotency-Key: " + key + "\r\n"; }

class IdempotencyTest : public AccountsTest {
 protected:
    IdempotencyTest() : ann_(sign_up("ann")) { act_as(ann_); }

    Answer make(const std::string& name, const std::string& key) {
        return client_.post("/api/v1/rooms", {{"name", name}}, with_key(key));
    }

    std::string open_room() { return client_.post("/api/v1/rooms", {{"name", "x"}}).location; }

    // The answers that so many connections get to the same request at once.
    std::vector<Answer> send_at_once(int connections, const std::string& room, const json& message,
                                     const std::string& headers) {
        std::vector<Answer> answers;
        std::mutex mutex;
        {
            std::vector<std::jthread> clients;
            for (int i = 0; i < connections; ++i) {
                clients.emplace_back([&] {
                    ApiClient client(guarded_.port());
                    client.use_token(ann_["access_token"]);
                    Answer answer = client.post(room + "/messages", message, headers);
                    const std::lock_guard lock(mutex);
                    answers.push_back(std::move(answer));
                });
            }
        }
        return answers;
    }

    json ann_;
};

TEST_F(IdempotencyTest, TheSameRequestIsCarriedOutOnceAndAnsweredAlike) {
    const Answer first = make("General", "k-1");
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_FALSE(first.headers.contains("idempotency-replayed"));
    const Answer second = make("General", "k-1");
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.location, first.location);
    EXPECT_EQ(second.headers.at("idempotency-replayed"), "true");
    EXPECT_EQ(ask_database("SELECT count(*) FROM rooms"), "1");
    // A key is its owner's: another user has it as well.
    act_as(sign_up("bob"));
    EXPECT_NE(make("General", "k-1").location, first.location);
}

TEST_F(IdempotencyTest, AKeyOfAnotherRequestIsRefusedAndSoIsAnUnusableOne) {
    ASSERT_EQ(make("General", "k-1").status, 201);
    const Answer other = make("Special", "k-1");
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(other.content_type, "application/problem+json");
    EXPECT_EQ(make("General", "two words").status, 400);
    EXPECT_EQ(make("General", std::string(256, 'k')).status, 400);
    EXPECT_EQ(ask_database("SELECT count(*) FROM rooms"), "1");
    ApiClient nobody(guarded_.port());
    EXPECT_EQ(nobody.post("/api/v1/rooms", {{"name", "x"}}, with_key("k-1")).status, 401);
}

TEST_F(IdempotencyTest, WhatWasRefusedLeavesItsKeyFree) {
    EXPECT_EQ(client_.post("/api/v1/rooms", {{"nme", "x"}}, with_key("k")).status, 400);
    EXPECT_EQ(make("General", "k").status, 201);
}

TEST_F(IdempotencyTest, AnAttemptThatDiedIsTakenUpWithoutMakingItTwice) {
    const Answer first = make("General", "k");
    const std::string room = first.location;
    const Answer sent = client_.post(room + "/messages", {{"body", "x"}}, with_key("m"));
    ASSERT_EQ(sent.status, 201);
    // As if the pod had died after the effect and before it had kept the answers.
    ask_database(
        "WITH u AS (UPDATE idempotency_keys SET status = NULL, "
        "running_until = '-infinity' RETURNING 1) SELECT count(*) FROM u");
    EXPECT_EQ(make("General", "k").location, room);
    const Answer again = client_.post(room + "/messages", {{"body", "x"}}, with_key("m"));
    EXPECT_EQ(again.json()["id"], sent.json()["id"]);
    EXPECT_EQ(ask_database("SELECT count(*) FROM rooms"), "1");
    EXPECT_EQ(ask_database("SELECT count(*) FROM messages"), "1");
}

TEST_F(IdempotencyTest, ADayLaterTheKeyIsNew) {
    const Answer first = make("General", "k");
    ask_database(
        "WITH u AS (UPDATE idempotency_keys SET created_at = now() - interval '25 hours' "
        "RETURNING 1) SELECT count(*) FROM u");
    const Answer second = make("Special", "k");
    EXPECT_EQ(second.status, 201) << second.body;
    EXPECT_NE(second.location, first.location);
}

TEST_F(IdempotencyTest, WhileTheFirstRunsTheSecondIsToldSo) {
    const std::string room = open_room();
    pqxx::connection other(postgres().connection_string(servers_.database));
    pqxx::work lock(other);
    lock.exec("SELECT 1 FROM rooms FOR UPDATE");
    std::vector<Answer> first;
    std::jthread sending([&] { first = send_at_once(1, room, {{"body", "x"}}, with_key("k")); });
    EXPECT_TRUE(
        eventually([&] { return ask_database("SELECT count(*) FROM idempotency_keys") == "1"; }));
    const Answer second = client_.post(room + "/messages", {{"body", "x"}}, with_key("k"));
    EXPECT_EQ(second.status, 409) << second.body;
    EXPECT_EQ(second.retry_after, "1");
    lock.abort();
    sending.join();
    ASSERT_EQ(first.at(0).status, 201) << first.at(0).body;
    const Answer third = client_.post(room + "/messages", {{"body", "x"}}, with_key("k"));
    EXPECT_EQ(third.body, first.at(0).body);
    EXPECT_EQ(ask_database("SELECT count(*) FROM messages"), "1");
}

TEST_F(IdempotencyTest, AMessageSentByTenConnectionsAtOnceIsOneRowAndTenEqualAnswers) {
    const std::string room = open_room();
    const auto answers = send_at_once(10, room, {{"body", "x"}, {"client_msg_id", "m-1"}}, "");
    std::set<std::string> bodies;
    for (const Answer& answer : answers) {
        EXPECT_EQ(answer.status, 201) << answer.body;
        bodies.insert(answer.body);
    }
    EXPECT_EQ(answers.size(), 10U);
    EXPECT_EQ(bodies.size(), 1U);
    EXPECT_EQ(ask_database("SELECT count(*) FROM messages"), "1");
    EXPECT_EQ(ask_database("SELECT last_seq FROM rooms"), "1");
}

TEST_F(IdempotencyTest, OfTenConnectionsWithOneKeyNoneMakesASecondMessage) {
    const std::string room = open_room();
    const auto answers = send_at_once(10, room, {{"body", "x"}}, with_key("k"));
    std::set<std::string> bodies;
    for (const Answer& answer : answers) {
        if (answer.status == 201) bodies.insert(answer.body);
        EXPECT_TRUE(answer.status == 201 || answer.status == 409) << answer.body;
    }
    EXPECT_EQ(bodies.size(), 1U);
    EXPECT_EQ(ask_database("SELECT count(*) FROM messages"), "1");
}

}  // namespace
}  // namespace chatflow::chat
