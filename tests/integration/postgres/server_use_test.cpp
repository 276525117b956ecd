#include "controller/domain/postgres/server_use.hpp"

#include "controller/clients/sql/client.hpp"
#include "controller/domain/postgres/readers.hpp"
#include "tests/support/run.hpp"
#include "tests/support/test_postgres.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

namespace chatflow::postgres {
namespace {

using namespace std::chrono_literals;

class ServerUseOfARealServer : public testing::Test {
 protected:
    std::vector<sql::Rows> ask(int port, std::vector<std::string> statements) {
        const sql::Server server{
            .host = "127.0.0.1", .port = static_cast<std::uint16_t>(port), .user = "chatflow"};
        return test::run(io_, sql_.run(server, std::move(statements), Deadline::after(20s)));
    }

    BlockingPool threads_{2, 64};
    sql::Client sql_{threads_};
    asio::io_context io_;
};

TEST_F(ServerUseOfARealServer, APrimaryAndAStandbyTellWhatTheyUse) {
    const test::TestPostgres primary;
    const test::TestStandby standby(primary);
    pqxx::connection client(primary.connection_string("postgres"));
    pqxx::work open(client);
    open.exec("SELECT 1");
    for (const int port : {primary.port(), standby.port()}) {
        const ServerUse use = read_use(ask(port, use_statements()));
        EXPECT_EQ(use.connections_max, 97);
        ASSERT_TRUE(use.volume_bytes && use.volume_free_bytes);
        const auto space = std::filesystem::space(std::filesystem::temp_directory_path());
        EXPECT_EQ(*use.volume_bytes, static_cast<std::int64_t>(space.capacity));
        EXPECT_LT(*use.volume_free_bytes, *use.volume_bytes);
        EXPECT_GE(use.wal_bytes, 16 << 20);
        EXPECT_EQ(use.wal_unarchived_bytes, 0);
        EXPECT_EQ(use.dropped_wal, "");
        EXPECT_EQ(use.connections.at("idle_in_transaction"), port == primary.port() ? 1 : 0);
        EXPECT_EQ(use.connections.at("active"), 0) << "the question itself does not count";
    }
}

TEST_F(ServerUseOfARealServer, AReaderTellsWhoIsConnected) {
    const test::TestPostgres server;
    const pqxx::connection client(server.connection_string("postgres"));
    const auto connected = ask(server.port(), {kWhoIsConnected}).at(0);
    const auto asked = std::ranges::find_if(
        connected, [](const auto& row) { return row.at("program") == "chatflow-operator"; });
    ASSERT_NE(asked, connected.end()) << "who reads does not count when it is the superuser";
    EXPECT_EQ(asked->at("address"), "127.0.0.1");
    EXPECT_EQ(clients_of(connected), 2) << "neither is called postgres here";
}

TEST_F(ServerUseOfARealServer, TheStatementThatTakesTheMostTimeIsAmongTheFew) {
    test::TestPostgres server;
    ask(server.port(), {"ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'"});
    server.stop();
    server.start();
    ask(server.port(),
        {"CREATE EXTENSION pg_stat_statements", "SELECT pg_sleep(0.3)", "SELECT pg_sleep(0.2)",
         "SELECT 1", "SELECT 1, 2", "SELECT 1, 2, 3", "SELECT 1, 2, 3, 4", "SELECT 1, 2, 3, 4, 5"});
    const auto costs = read_costs(ask(server.port(), {kStatementCosts}).at(0));
    ASSERT_EQ(costs.size(), kStatementsTold);
    const auto& worst = *std::ranges::find(costs, 2, &StatementCost::calls);
    EXPECT_EQ(worst.database, "postgres");
    EXPECT_GT(worst.total_seconds, 0.5);
    EXPECT_GT(worst.mean_seconds, 0.25);
    EXPECT_FALSE(worst.query_id.empty());
}

}  // namespace
}  // namespace chatflow::postgres
