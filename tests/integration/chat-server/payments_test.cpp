#include "tests/integration/chat-server/accounts_fixture.hpp"
#include "tests/support/free_port.hpp"
#include "workloads/chat-server/domain/webhook.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <hiredis/hiredis.h>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class PaymentsTest : public AccountsTest {
 protected:
    PaymentsTest() : ann_(sign_up("ann")) { act_as(ann_); }

    Answer pay(std::int64_t amount, const std::string& method, const std::string& headers = "") {
        return client_.post("/api/v1/payments",
                            {{"amount", amount}, {"currency", "EUR"}, {"method", method}}, headers);
    }

    std::string id_of_payment(const std::string& method = "tok_later") {
        return pay(1'999, method).json()["id"];
    }

    std::string state_of(const std::string& id) {
        return client_.get("/api/v1/payments/" + id).json()["state"];
    }

    static TimePoint now() {
        return std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now());
    }

    // As the gateway, or the worker, sends it.
    Answer signed_post(const std::string& path, const json& body, const std::string& secret = "new",
                       std::chrono::seconds age = 0s) {
        ApiClient sender(guarded_.port());
        const std::string signature = webhook_signature(body.dump(), secret, now() - age);
        return sender.post(path, body, "X-Chatflow-Signature: " + signature + "\r\n");
    }
    Answer tell(const std::string& event, const std::string& payment, const std::string& type,
                const std::string& secret = "new", std::chrono::seconds age = 0s) {
        return signed_post("/api/v1/webhooks/payments",
                           {{"id", event}, {"type", type}, {"payment_id", payment}}, secret, age);
    }
    Answer run_job(const std::string& payment) {
        return signed_post("/api/v1/internal/payment-jobs",
                           {{"queue", "payments"},
                            {"id", "payment-" + payment + "-first"},
                            {"name", "charge"},
                            {"data", {{"paymentId", payment}}}});
    }

    // Jobs that wait in the queue for the worker.
    long long jobs() {
        redisContext* redis = redisConnect("127.0.0.1", servers_.redis_port);
        auto* reply = static_cast<redisReply*>(redisCommand(redis, "LLEN bull:payments:wait"));
        const long long count = reply != nullptr ? reply->integer : -1;
        freeReplyObject(reply);
        redisFree(redis);
        return count;
    }

    json ann_;
};

TEST_F(PaymentsTest, APaymentIsChargedByTheQueueOnce) {
    const long long before = jobs();
    const Answer made = pay(1'999, "tok_ok", "Idempotency-Key: k\r\n");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json()["state"], "processing");
    EXPECT_FALSE(made.json().contains("method"));
    const std::string id = made.json()["id"];
    EXPECT_EQ(pay(1'999, "tok_ok", "Idempotency-Key: k\r\n").json()["id"], id);
    EXPECT_TRUE(eventually([&] { return jobs() == before + 1; }));
    EXPECT_EQ(run_job(id).json()["state"], "succeeded");
    EXPECT_EQ(state_of(id), "succeeded");
    EXPECT_EQ(run_job(id).json()["state"], "succeeded");  // a job may run twice
    EXPECT_EQ(ask_database("SELECT count(*) FROM payment_events"), "1");
    EXPECT_EQ(client_.get("/api/v1/payments").json()["payments"].size(), 1U);

    EXPECT_EQ(pay(0, "tok_ok").status, 400);
    EXPECT_EQ(client_.post("/api/v1/payments", {{"card", "4111111111111111"}}).status, 400);
    act_as(sign_up("bob"));
    EXPECT_EQ(client_.get("/api/v1/payments/" + id).status, 404);
    EXPECT_TRUE(client_.get("/api/v1/payments").json()["payments"].empty());
    client_.use_token("");
    EXPECT_EQ(pay(1'999, "tok_ok").status, 401);
}

TEST_F(PaymentsTest, PeopleAreAskedAboutAPaymentOfWhichNothingIsTold) {
    const std::string silent = id_of_payment("tok_later");
    const std::string fresh = id_of_payment("tok_later");
    ask_database("UPDATE payments SET updated_at = now() - interval '25 hours' WHERE id = '" +
                 silent + "' RETURNING 'done'");
    EXPECT_TRUE(eventually([&] { return state_of(silent) == "review"; }));
    EXPECT_EQ(state_of(fresh), "processing");
    // What the gateway tells later counts.
    EXPECT_EQ(tell("e-1", silent, "payment.succeeded").json()["effect"], "applied");
    EXPECT_EQ(state_of(silent), "succeeded");
}

TEST_F(PaymentsTest, WebhooksHaveOneEffectOrAreRefused) {
    const std::string id = id_of_payment();
    EXPECT_EQ(tell("e-forged", id, "payment.succeeded", "guessed").status, 401);
    EXPECT_EQ(tell("e-late", id, "payment.succeeded", "new", 301s).status, 401);
    EXPECT_EQ(tell("e-early", id, "payment.succeeded", "new", -310s).status, 401);
    ApiClient anybody(guarded_.port());
    EXPECT_EQ(anybody.post("/api/v1/webhooks/payments", {{"id", "e"}}).status, 400);
    EXPECT_EQ(state_of(id), "processing");

    EXPECT_EQ(tell("e-1", id, "payment.succeeded", "old").json()["effect"], "applied");
    EXPECT_EQ(state_of(id), "succeeded");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(tell("e-1", id, "payment.succeeded").json()["effect"], "none, told before");
    }
    // What was sent earlier and comes later changes nothing.
    const Answer older = tell("e-0", id, "payment.failed");
    EXPECT_EQ(older.json()["effect"], "none, a later state is known");
    EXPECT_EQ(tell("e-2", id, "payment.refunded").json()["effect"], "applied");
    EXPECT_EQ(state_of(id), "refunded");
    EXPECT_EQ(ask_database("SELECT count(*) FROM payment_events WHERE is_news"), "2");

    const std::string other = id_of_payment();
    EXPECT_EQ(tell("e-4", other, "payment.refunded").json()["effect"], "applied");
    EXPECT_EQ(tell("e-3", other, "payment.succeeded").status, 200);
    EXPECT_EQ(state_of(other), "refunded");
    EXPECT_EQ(tell("e-5", "01934567-89ab-7def-8123-456789abcdef", "payment.failed").status, 404);
    EXPECT_EQ(tell("e-6", other, "payment.celebrated").status, 400);
}

TEST_F(PaymentsTest, TheWorkerIsToldWhatMayBeTriedAgainAndWhatPeopleDecide) {
    const std::string down = id_of_payment("tok_down");
    EXPECT_EQ(run_job(down).status, 503);
    // Whoever does not know the secret has nothing charged.
    const std::string good = id_of_payment("tok_ok");
    const json forged = {{"name", "charge"}, {"data", {{"paymentId", good}}}};
    EXPECT_EQ(signed_post("/api/v1/internal/payment-jobs", forged, "guessed").status, 401);
    EXPECT_EQ(signed_post("/api/v1/internal/payment-jobs", forged, "new", 301s).status, 401);
    EXPECT_EQ(state_of(good), "processing");
    const std::string poor = id_of_payment("tok_insufficient");
    EXPECT_EQ(run_job(poor).json()["code"], "insufficient_funds");
    const std::string declined = id_of_payment("tok_declined");
    const Answer refused = run_job(declined);
    EXPECT_EQ(refused.status, 402);
    EXPECT_EQ(refused.json()["code"], "card_declined");
    EXPECT_EQ(state_of(declined), "processing");
    // The worker has given up, and says why.
    const Answer given_up = signed_post("/api/v1/internal/payment-jobs",
                                        {{"queue", "payments-review"},
                                         {"id", "review-1"},
                                         {"name", "review"},
                                         {"data",
                                          {{"queue", "payments"},
                                           {"data", json{{"paymentId", declined}}.dump()},
                                           {"reason", "the gateway answered 402"}}}});
    EXPECT_EQ(given_up.status, 200) << given_up.body;
    EXPECT_EQ(state_of(declined), "review");
    // An attempt that nobody heard of went through after all.
    EXPECT_EQ(tell("e-after-all", declined, "payment.failed").status, 200);
    EXPECT_EQ(state_of(declined), "review");
    EXPECT_EQ(tell("e-moved", declined, "payment.succeeded").json()["effect"], "applied");
    EXPECT_EQ(state_of(declined), "succeeded");
    ApiClient anybody(guarded_.port());
    EXPECT_EQ(anybody.post("/api/v1/internal/payment-jobs", {{"name", "charge"}}).status, 400);
    EXPECT_EQ(signed_post("/api/v1/internal/payment-jobs", {{"name", "charge"}}).status, 400);
}

TEST_F(PaymentsTest, WhatLooksUnusualWaitsForAnAdmin) {
    const Answer large = pay(50'000, "tok_ok");
    EXPECT_EQ(large.json()["state"], "review");
    const std::string id = large.json()["id"];
    const std::string second = pay(50'000, "tok_ok").json()["id"];
    const std::string review = "/api/v1/admin/payments/" + id + "/review";
    EXPECT_EQ(client_.put(review, {{"decision", "approve"}}).status, 403);
    EXPECT_EQ(client_.get("/api/v1/admin/payments").status, 403);

    act_as(with_role("mod", "moderator"));
    EXPECT_EQ(client_.put(review, {{"decision", "approve"}}).status, 403);
    act_as(with_role("root", "admin"));
    const json waiting = client_.get("/api/v1/admin/payments").json()["payments"];
    ASSERT_EQ(waiting.size(), 2U);
    EXPECT_GE(waiting.at(0).at("risk").at("score"), 40);
    EXPECT_EQ(client_.put(review, {{"decision", "perhaps"}}).status, 400);
    const long long before = jobs();
    EXPECT_EQ(client_.put(review, {{"decision", "approve"}}).json()["state"], "processing");
    EXPECT_EQ(client_.put(review, {{"decision", "approve"}}).status, 409);
    EXPECT_TRUE(eventually([&] { return jobs() == before + 1; }));
    const Answer rejected = client_.put("/api/v1/admin/payments/" + second + "/review",
                                        {{"decision", "reject"}, {"note", "stolen card"}});
    EXPECT_EQ(rejected.json()["state"], "rejected");
    EXPECT_EQ(client_
                  .put("/api/v1/admin/payments/01934567-89ab-7def-8123-456789abcdef/review",
                       {{"decision", "reject"}})
                  .status,
              404);
    EXPECT_EQ(ask_database("SELECT count(*) FROM audit_log WHERE action LIKE 'payment.%'"), "2");
}

// The program chatflow-worker, with the queues as docs/chat-server.md has them.
class RealWorker {
 public:
    RealWorker(const std::filesystem::path& folder, int redis_port, int api_port) {
        const std::string secret = (folder / "worker-secret").string();
        const std::string settings = (folder / "worker.yaml").string();
        const std::string jobs = "http://127.0.0.1:" + std::to_string(api_port) +
                                 "/api/v1/internal/payment-jobs\", secret_file: " + secret + "}\n";
        std::ofstream(secret) << "old";
        std::ofstream(settings) << "redis_url: redis://127.0.0.1:" << redis_port
                                << "\nhttp_address: 127.0.0.1:" << test::find_free_port()
                                << "\nqueues:\n  payments: {processor: \"payments:" << jobs
                                << "  payments-review: {processor: \"" << jobs;
        log_ = (folder / "worker.log").string();
        process_ = std::make_unique<test::ChildProcess>(
            std::vector<std::string>{CHATFLOW_WORKER_PROGRAM, "--config", settings}, log_);
    }

    [[nodiscard]] std::string log() const {
        std::ifstream file(log_);
        return {std::istreambuf_iterator<char>(file), {}};
    }

 private:
    std::string log_;
    std::unique_ptr<test::ChildProcess> process_;
};

TEST_F(PaymentsTest, TheWorkerHasThemChargedAndHandsOverWhatItCannot) {
    const RealWorker worker(folder_.path(), servers_.redis_port, guarded_.port());
    const std::string good = id_of_payment("tok_ok");
    const std::string declined = id_of_payment("tok_declined");
    EXPECT_TRUE(eventually([&] { return state_of(good) == "succeeded"; })) << worker.log();
    EXPECT_TRUE(eventually([&] { return state_of(declined) == "review"; })) << worker.log();
    act_as(with_role("root", "admin"));
    const json review = client_.get("/api/v1/payments/" + declined).json();
    EXPECT_TRUE(review.at("failure").get<std::string>().contains("card_declined")) << review;
}

// Five may be made within an hour, the next five are looked at, others refused; at once as one
// after the other.
TEST_F(PaymentsTest, PaymentsAtOnceAreJudgedOneAfterTheOther) {
    std::mutex mutex;
    std::map<std::string, int> states;
    std::vector<std::jthread> clients;
    for (int i = 0; i < 12; ++i) {
        clients.emplace_back([&] {
            ApiClient client(guarded_.port());
            client.use_token(ann_["access_token"]);
            const Answer made =
                client.post("/api/v1/payments",
                            {{"amount", 100}, {"currency", "EUR"}, {"method", "tok_later"}});
            const std::lock_guard lock(mutex);
            ++states[made.json().value("state", made.body)];
        });
    }
    clients.clear();
    EXPECT_EQ(states,
              (std::map<std::string, int>{{"processing", 5}, {"review", 5}, {"rejected", 2}}));
}

TEST_F(PaymentsTest, TryingManyCardsOutIsRefused) {
    std::string state;
    for (int i = 0; i < 12; ++i) state = pay(100, "tok_declined").json()["state"];
    EXPECT_EQ(state, "rejected");
}

}  // namespace
}  // namespace chatflow::chat
