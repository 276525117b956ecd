#include "tests/integration/chat-server/chat_server_test.hpp"

#include <atomic>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace chatflow::chat {
namespace {

constexpr const char* kFrom = "CHATFLOW_TRUSTED_PROXIES=127.0.0.0/8";

Answer get_from(ApiClient& client, const std::string& address) {
    return client.exchange(
        ApiClient::request("GET", "/api/v1/rooms", {}, {}, "X-Forwarded-For: " + address + "\r\n"));
}

TEST_F(ChatServerTest, ALimitIsExactOverPodsAndConnections) {
    const std::vector<std::string> settings = {"CHATFLOW_LIMIT_API=20/1h", kFrom};
    Program one(servers_, settings);
    Program two(servers_, settings);
    serve(one);
    serve(two);
    std::atomic<int> allowed = 0;
    std::atomic<int> refused = 0;
    const auto ask = [&](int port) {
        ApiClient client(port);
        for (int i = 0; i < 15; ++i) {
            const int status = get_from(client, "192.0.2.1").status;
            if (status == 200) ++allowed;
            if (status == 429) ++refused;
        }
    };
    {
        std::vector<std::jthread> clients;
        for (const Program* pod : {&one, &two, &one, &two}) clients.emplace_back(ask, pod->port());
    }
    EXPECT_EQ(allowed, 20);
    EXPECT_EQ(refused, 40);

    ApiClient client(one.port());
    const Answer over = get_from(client, "192.0.2.1");
    EXPECT_EQ(over.status, 429);
    EXPECT_EQ(over.content_type, "application/problem+json");
    EXPECT_FALSE(over.retry_after.empty());
    EXPECT_TRUE(over.rate_limit.starts_with("\"api\";r=0;t=")) << over.rate_limit;
    const Answer other = get_from(client, "192.0.2.2");
    EXPECT_EQ(other.status, 200);
    EXPECT_EQ(other.rate_limit, "\"api\";r=19;t=3600");
}

TEST_F(ChatServerTest, AWindowSlides) {
    Program program(servers_, {"CHATFLOW_LIMIT_API=2/1s"});
    serve(program);
    ApiClient client(program.port());
    EXPECT_EQ(client.get("/api/v1/rooms").status, 200);
    EXPECT_EQ(client.get("/api/v1/rooms").status, 200);
    EXPECT_EQ(client.get("/api/v1/rooms").status, 429);
    EXPECT_TRUE(eventually([&] { return client.get("/api/v1/rooms").status == 200; }));
}

TEST_F(ChatServerTest, AClientThatSaysAnotherAddressEachTimeIsCountedAllTheSame) {
    Program program(servers_, {"CHATFLOW_LIMIT_API=2/1h", kFrom});
    serve(program);
    ApiClient client(program.port());
    // The edge adds a line of its own after that of the client.
    const auto ask = [&](const std::string& claimed) {
        const std::string lines =
            "X-Forwarded-For: " + claimed + "\r\nX-Forwarded-For: 192.0.2.77\r\n";
        return client.get("/api/v1/rooms", lines).status;
    };
    // On a busy machine one may pass uncounted.
    int refused = 0;
    for (int i = 1; i <= 10; ++i) {
        if (ask("198.51.100." + std::to_string(i)) == 429) ++refused;
    }
    EXPECT_GT(refused, 0);
}

TEST_F(ChatServerTest, WithoutRedisALimitLetsPassOrRefusesAsSet) {
    test::TestRedis redis;
    Servers servers = servers_;
    servers.redis_port = redis.port();
    Program open(servers, {"CHATFLOW_LIMIT_API=5/1h"});
    Program closed(servers, {"CHATFLOW_LIMIT_API=5/1h", "CHATFLOW_LIMIT_WITHOUT_REDIS=refuse"});
    serve(open);
    serve(closed);
    redis.kill();
    ApiClient to_open(open.port());
    ApiClient to_closed(closed.port());
    EXPECT_TRUE(eventually([&] { return to_closed.get("/api/v1/rooms").status == 503; }));
    for (int i = 0; i < 8; ++i) EXPECT_EQ(to_open.get("/api/v1/rooms").status, 200);
}

TEST_F(ChatServerTest, WhatLimitsCountAndTheLogLevelChangeWithTheFile) {
    const test::TemporaryFolder folder;
    const std::string path = (folder.path() / "settings.yaml").string();
    const auto write = [&](const std::string& text) { std::ofstream(path) << text; };
    write("log_level: info\n");
    Program program(servers_, {"CHATFLOW_LIMIT_API=1000/1h", "CHATFLOW_CONFIG=" + path});
    serve(program);
    ApiClient client(program.port());
    const auto is_believed = [&] {
        return get_from(client, "192.0.2.7").rate_limit.contains("r=999");
    };
    EXPECT_TRUE(get_from(client, "192.0.2.6").rate_limit.contains("r=999")) << "of 127.0.0.1";
    EXPECT_FALSE(is_believed());
    write("trusted_proxies: 127.0.0.0/8\nlog_level: warning\n");
    program.send(SIGHUP);
    EXPECT_TRUE(eventually(is_believed));
    EXPECT_TRUE(eventually([&] { return program.log().contains("The log has another level"); }));

    write("trusted_proxies: everybody\n");
    program.send(SIGHUP);
    EXPECT_TRUE(eventually([&] { return program.log().contains("those before stay in force"); }));
    EXPECT_TRUE(get_from(client, "192.0.2.8").rate_limit.contains("r=999"));
}

}  // namespace
}  // namespace chatflow::chat
