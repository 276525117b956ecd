#include "tests/integration/chat-server/accounts_fixture.hpp"
#include "tests/support/free_port.hpp"
#include "workloads/chat-server/domain/webhook.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <hiredis/hiredis.h>

namespace chatflow::chat {
namespace {

using nlohmann::json;

class NotificationsTest : public AccountsTest {
 protected:
    NotificationsTest()
        : AccountsTest({"CHATFLOW_NOTIFY_SECONDS=2"}), ann_(sign_up("ann")), bob_(sign_up("bob")) {
        act_as(ann_);
    }

    static std::string id_of(const json& session) { return session.at("user").at("id"); }

    std::string make_room(const json& room) {
        const Answer made = client_.post("/api/v1/rooms", room);
        EXPECT_EQ(made.status, 201) << made.body;
        return made.location;
    }
    json send(const std::string& room, const std::string& body) {
        return client_.post(room + "/messages", {{"body", body}}).json();
    }

    // Of a reply that is a list: how many; else its number.
    long long ask(const std::string& command, const std::string& key, const char* more = "") {
        redisContext* redis = redisConnect("127.0.0.1", servers_.redis_port);
        const std::string text = command + " %s" + more;
        auto* reply = static_cast<redisReply*>(redisCommand(redis, text.c_str(), key.c_str()));
        const long long count = reply == nullptr ? -1 : reply->integer;
        freeReplyObject(reply);
        redisFree(redis);
        return count;
    }
    bool has_job(const json& message) {
        return ask("EXISTS", "bull:notifications:message-" + message.at("id").get<std::string>()) ==
               1;
    }
    // What the user's own room was told: its newest event.
    std::string newest_told(const json& session) {
        redisContext* redis = redisConnect("127.0.0.1", servers_.redis_port);
        const std::string log = "{rt0}:log:user:" + id_of(session);
        auto* reply =
            static_cast<redisReply*>(redisCommand(redis, "XREVRANGE %s + - COUNT 1", log.c_str()));
        std::string event;
        if (reply != nullptr && reply->elements == 1) {
            const redisReply* fields = reply->element[0]->element[1];
            for (std::size_t i = 0; i + 1 < fields->elements; i += 2) {
                const redisReply* value = fields->element[i + 1];
                if (std::string(fields->element[i]->str) == "d")
                    event.assign(value->str, value->len);
            }
        }
        freeReplyObject(reply);
        redisFree(redis);
        return event;
    }
    long long times_told(const json& session) {
        return ask("XLEN", "{rt0}:log:user:" + id_of(session));
    }

    std::unique_ptr<test::ChildProcess> start_worker() {
        return std::make_unique<test::ChildProcess>(
            std::vector<std::string>{
                "/usr/bin/env",
                "CHATFLOW_REDIS_URL=redis://127.0.0.1:" + std::to_string(servers_.redis_port),
                "CHATFLOW_POSTGRES_HOST=127.0.0.1",
                "CHATFLOW_POSTGRES_PORT=" + std::to_string(servers_.postgres_port),
                "CHATFLOW_POSTGRES_DATABASE=" + servers_.database,
                "CHATFLOW_HTTP_ADDRESS=127.0.0.1:" + std::to_string(test::find_free_port()),
                "CHATFLOW_QUEUES=notifications=notifications", CHATFLOW_WORKER_PROGRAM},
            (folder_.path() / "worker.log").string());
    }

    json ann_;
    json bob_;
};

TEST_F(NotificationsTest, WhoHasNotReadADirectMessageIsToldByTheWorker) {
    const auto worker = start_worker();
    const std::string direct = make_room({{"kind", "direct"}, {"with", id_of(bob_)}});
    const json sent = send(direct, "Are you \"there\"?");
    ASSERT_TRUE(eventually([&] { return times_told(bob_) == 1; }));
    const json event = json::parse(newest_told(bob_));
    EXPECT_EQ(event.at(0), "notification");
    EXPECT_EQ(event.at(1).at("title"), "ann");
    EXPECT_EQ(event.at(1).at("text"), "Are you \"there\"?");
    EXPECT_EQ(event.at(1).at("seq"), sent.at("seq"));
    EXPECT_EQ("/api/v1/rooms/" + event.at(1).at("roomId").get<std::string>(), direct);
    EXPECT_EQ(times_told(ann_), 0);
}

TEST_F(NotificationsTest, WhoHasReadItAndWhoIsInAnotherKindOfRoomIsLeftAlone) {
    const std::string direct = make_room({{"kind", "direct"}, {"with", id_of(bob_)}});
    const std::string shared = make_room({{"name", "x"}, {"kind", "private"}});
    EXPECT_EQ(client_.put(shared + "/members/" + id_of(bob_), json::object()).status, 200);
    const json to_all = send(shared, "hello");
    const json read = send(direct, "read at once");
    const json unread = send(direct, "not read");
    // They are told in the order in which they were sent.
    ASSERT_TRUE(eventually([&] { return has_job(unread); }));
    EXPECT_TRUE(has_job(read));
    EXPECT_FALSE(has_job(to_all));
    act_as(bob_);
    EXPECT_EQ(client_.put(direct + "/receipt", {{"read", read.at("seq")}}).status, 200);
    const auto worker = start_worker();
    ASSERT_TRUE(eventually([&] { return !has_job(read) && !has_job(unread); }));
    EXPECT_EQ(times_told(bob_), 1);
    EXPECT_TRUE(newest_told(bob_).contains("not read"));
}

// As the gateway tells it, twice.
TEST_F(NotificationsTest, APayerIsToldOnceHowThePaymentEnded) {
    const auto worker = start_worker();
    const json payment = client_
                             .post("/api/v1/payments", {{"amount", 1'999},
                                                        {"currency", "EUR"},
                                                        {"method", "tok_later"},
                                                        {"description", "tickets"}})
                             .json();
    for (const char* event : {"e1", "e1", "e2"}) {
        const json body = {
            {"id", event}, {"type", "payment.succeeded"}, {"payment_id", payment.at("id")}};
        const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now());
        EXPECT_EQ(ApiClient(guarded_.port())
                      .post("/api/v1/webhooks/payments", body,
                            "X-Chatflow-Signature: " + webhook_signature(body.dump(), "new", now) +
                                "\r\n")
                      .status,
                  200);
    }
    ASSERT_TRUE(eventually([&] { return times_told(ann_) == 1; }));
    const json event = json::parse(newest_told(ann_));
    EXPECT_EQ(event.at(1).at("title"), "Payment succeeded");
    EXPECT_EQ(event.at(1).at("text"), "tickets");
    EXPECT_EQ(ask_database("SELECT count(*) FROM job_outbox WHERE queue = 'notifications'"), "0");
}

}  // namespace
}  // namespace chatflow::chat
