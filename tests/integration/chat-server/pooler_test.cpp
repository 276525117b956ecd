#include "tests/integration/chat-server/chat_server_test.hpp"
#include "tests/support/test_pooler.hpp"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using nlohmann::json;

// Everything but migrations goes through PgBouncer in transaction mode.
class PoolerTest : public ChatServerTest {
 protected:
    static void SetUpTestSuite() { pooler = std::make_unique<test::TestPooler>(postgres().port()); }
    static void TearDownTestSuite() { pooler.reset(); }

    [[nodiscard]] Servers pooled() const {
        Servers servers = servers_;
        servers.postgres_port = pooler->port();
        return servers;
    }
    static std::string direct() {
        return fmt::format("CHATFLOW_POSTGRES_DIRECT_ADDRESS=127.0.0.1:{}", postgres().port());
    }

    // What a transaction of another client finds.
    [[nodiscard]] std::string setting(const std::string& name) const {
        pqxx::connection connection(pooler->connection_string(servers_.database));
        return pqxx::nontransaction(connection).query_value<std::string>("SHOW " + name);
    }

    static inline std::unique_ptr<test::TestPooler> pooler;
};

TEST_F(PoolerTest, ManyConnectionsOfTwoPodsShareTwoOfTheServer) {
    Program one(pooled(), {direct()});
    Program two(pooled(), {direct()});
    serve(one);
    serve(two);
    const std::string room =
        ApiClient(one.port()).post("/api/v1/rooms", {{"name", "General"}}).location;
    constexpr int kEach = 25;
    {
        std::vector<std::jthread> people;
        for (int i = 0; i < 6; ++i) {
            people.emplace_back([&, i] {
                ApiClient client(i % 2 == 0 ? one.port() : two.port());
                for (int n = 0; n < kEach; ++n) {
                    const json message = {{"sender", fmt::format("p{}", i)}, {"body", "x"}};
                    EXPECT_EQ(client.post(room + "/messages", message).status, 201);
                    EXPECT_EQ(client.get(room + "/messages?limit=5").status, 200);
                }
            });
        }
    }
    const json page = ApiClient(two.port()).get(room + "/messages?limit=200").json();
    ASSERT_EQ(page.at("messages").size(), 6U * kEach) << page;
    EXPECT_EQ(page.at("messages").back()["seq"], 6 * kEach);
    EXPECT_EQ(setting("plan_cache_mode"), "force_generic_plan");
    EXPECT_EQ(setting("statement_timeout"), "5s");
}

TEST_F(PoolerTest, ARequestThatIsRepeatedByItsKeyIsCarriedOutOnce) {
    Program program(pooled(), {direct()});
    serve(program);
    ApiClient client(program.port());
    const json room = {{"name", "once"}};
    const Answer first = client.post("/api/v1/rooms", room, "Idempotency-Key: k1\r\n");
    const Answer again = client.post("/api/v1/rooms", room, "Idempotency-Key: k1\r\n");
    EXPECT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(first.location, again.location);
    EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
}

TEST_F(PoolerTest, MigrationsDoNotGoThroughIt) {
    Program program(pooled());
    EXPECT_NE(program.migrate(), 0);
    EXPECT_TRUE(program.log().contains("CHATFLOW_POSTGRES_DIRECT_ADDRESS")) << program.log();
    pqxx::connection connection(postgres().connection_string(servers_.database));
    EXPECT_EQ(pqxx::nontransaction(connection)
                  .query_value<int>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
              0);
}

TEST_F(PoolerTest, WithoutTheRolesSettingsReadinessSaysWhatToRunAndNothingIsSetForOthers) {
    ASSERT_EQ(program_.migrate(), 0);
    Program program(pooled());
    program.serve();
    ApiClient client(program.port());
    EXPECT_TRUE(eventually([&] {
        return client.get("/health/ready").body.contains("CHATFLOW_POSTGRES_DIRECT_ADDRESS");
    })) << client.get("/health/ready").body;
    EXPECT_EQ(setting("enable_seqscan"), "on");
    EXPECT_EQ(setting("statement_timeout"), "0");
}

// Its connections may lead to one replica now and to another, which is behind, the next moment.
TEST_F(PoolerTest, ReplicasAreNotReadThroughIt) {
    Program program(pooled(), {direct(), fmt::format("CHATFLOW_POSTGRES_READ_ADDRESS=127.0.0.1:{}",
                                                     pooler->port())});
    ASSERT_EQ(program.migrate(), 0) << program.log();
    program.serve();
    ApiClient client(program.port());
    const auto check = [&] {
        return client.get("/health/ready").json()["checks"]["postgres-read"];
    };
    EXPECT_TRUE(eventually([&] { return client.get("/api/v1/rooms").status == 200; }));
    EXPECT_TRUE(eventually([&] {
        static_cast<void>(client.get("/api/v1/rooms"));
        return check()["status"] == "down" && check()["reason"].dump().contains("pooler");
    })) << check();
}

}  // namespace
}  // namespace chatflow::chat
