#include "tests/integration/chat-server/chat_server_test.hpp"

#include <atomic>
#include <csignal>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using ShutdownTest = ChatServerTest;

TEST_F(ShutdownTest, ARequestThatHasBegunIsAnsweredBeforeTheEnd) {
    serve(program_);
    const std::string room = make_room();
    pqxx::connection other(postgres().connection_string(servers_.database));
    pqxx::work lock(other);
    lock.exec("SELECT id FROM rooms FOR UPDATE");  // a send has to wait now
    auto answer = std::async(std::launch::async, [&] {
        return ApiClient(program_.port())
            .try_exchange(ApiClient::request("POST", room + "/messages",
                                             R"({"sender":"ann","body":"in time"})"));
    });
    pqxx::connection watcher(postgres().connection_string(servers_.database));
    ASSERT_TRUE(eventually([&] {
        return pqxx::nontransaction(watcher).query_value<int>(
                   "SELECT count(*) FROM pg_locks WHERE NOT granted") > 0;
    }));
    program_.send(SIGTERM);
    const auto refuses = [&] {
        ApiClient client(program_.port());
        return !client.try_exchange(ApiClient::request("GET", "/health/live"));
    };
    ASSERT_TRUE(eventually(refuses));
    lock.commit();
    const auto answered = answer.get();
    ASSERT_TRUE(answered);
    EXPECT_EQ(answered->status, 201) << answered->body;
    EXPECT_EQ(program_.wait(), 0) << program_.log();
}

TEST_F(ShutdownTest, GoesOnServingWhileRoutesChangeAndLosesNothingUnderLoad) {
    Program program(servers_, {"CHATFLOW_SHUTDOWN_DELAY_SECONDS=1"});
    serve(program);
    ApiClient client(program.port());
    const std::string path =
        client.post("/api/v1/rooms", {{"name", "busy"}}).location + "/messages";

    std::atomic<int> acknowledged = 0;
    std::atomic<int> refused = 0;
    std::atomic<int> served_while_draining = 0;
    std::atomic<bool> is_draining = false;
    const auto send_until_it_ends = [&](int sender) {
        ApiClient own(program.port());
        for (int i = 0;; ++i) {
            const std::string body = R"({"sender":"s)" + std::to_string(sender) +
                                     R"(","body":"b","client_msg_id":")" + std::to_string(i) +
                                     "\"}";
            const auto answer = own.try_exchange(ApiClient::request("POST", path, body));
            if (!answer) return;  // closed between two requests, or no longer listening
            ++(answer->status == 201 ? acknowledged : refused);
            if (is_draining) ++served_while_draining;
        }
    };
    {
        std::vector<std::jthread> senders;
        for (int sender = 0; sender < 4; ++sender) senders.emplace_back(send_until_it_ends, sender);
        ASSERT_TRUE(eventually([&] { return acknowledged > 50; }));
        program.send(SIGTERM);
        ASSERT_TRUE(eventually([&] { return client.get("/health/ready").status == 503; }));
        is_draining = true;
        EXPECT_EQ(client.get("/health/ready").json()["status"], "draining");
    }
    EXPECT_EQ(program.wait(), 0) << program.log();
    EXPECT_GT(served_while_draining, 0);
    EXPECT_EQ(refused, 0);
    pqxx::connection database(postgres().connection_string(servers_.database));
    // Also what was sent last, on a connection that was being closed, is there once or not at all.
    EXPECT_EQ(pqxx::nontransaction(database).query_value<int>("SELECT count(*) FROM messages"),
              acknowledged);
}

TEST_F(ShutdownTest, RefusesSettingsThatCannotBeUsedNamingEach) {
    Program program(servers_, {"CHATFLOW_THREADS=0", "CHATFLOW_LOG_LEVEL=loud"});
    EXPECT_THROW(program.serve(), std::runtime_error);
    EXPECT_NE(program.wait(), 0);
    EXPECT_TRUE(program.log().contains("CHATFLOW_THREADS")) << program.log();
    EXPECT_TRUE(program.log().contains("CHATFLOW_LOG_LEVEL")) << program.log();
}

}  // namespace
}  // namespace chatflow::chat
