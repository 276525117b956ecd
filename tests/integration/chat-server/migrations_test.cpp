#include "tests/integration/chat-server/chat_server_test.hpp"

#include <memory>
#include <vector>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using MigrationsTest = ChatServerTest;

constexpr int kMigrations = 12;

int count_rows(const std::string& connection_string, const std::string& table) {
    pqxx::connection connection(connection_string);
    return pqxx::nontransaction(connection).query_value<int>("SELECT count(*) FROM " + table);
}

TEST_F(MigrationsTest, SeveralProcessesAtOnceApplyEachMigrationOnce) {
    std::vector<std::unique_ptr<test::ChildProcess>> migrations;
    for (int i = 0; i < 4; ++i) migrations.push_back(program_.start_migration());
    for (const auto& migration : migrations) EXPECT_EQ(migration->wait(), 0) << program_.log();
    const std::string database = postgres().connection_string(servers_.database);
    EXPECT_EQ(count_rows(database, "schema_migrations"), kMigrations);
    EXPECT_EQ(count_rows(database, "rooms"), 0);
}

TEST_F(MigrationsTest, AreRefusedWhenOneWasChangedAfterItHadBeenApplied) {
    ASSERT_EQ(program_.migrate(), 0);
    pqxx::connection connection(postgres().connection_string(servers_.database));
    pqxx::nontransaction(connection).exec("UPDATE schema_migrations SET checksum = 'another'");
    EXPECT_NE(program_.migrate(), 0);
    EXPECT_NE(program_.log().find("was changed after it had been applied"), std::string::npos);
}

TEST_F(MigrationsTest, LetOthersPassWhileTheyWaitForATable) {
    ASSERT_EQ(program_.migrate(), 0);
    const std::string database = postgres().connection_string(servers_.database);
    pqxx::connection writer(database);
    pqxx::nontransaction(writer).exec("SET statement_timeout = '3s'");
    pqxx::nontransaction(writer).exec("ALTER TABLE outbox DROP COLUMN trace");
    pqxx::nontransaction(writer).exec("DELETE FROM schema_migrations WHERE number = 9");
    pqxx::connection backup(database);
    pqxx::work reading(backup);
    reading.exec("LOCK TABLE outbox IN ACCESS SHARE MODE");
    const auto migration = program_.start_migration();
    pqxx::connection watcher(database);
    ASSERT_TRUE(eventually([&] {
        return pqxx::nontransaction(watcher).query_value<int>(
                   "SELECT count(*) FROM pg_locks WHERE NOT granted") > 0;
    }));
    for (int i = 0; i < 3; ++i) {
        EXPECT_NO_THROW(pqxx::nontransaction(writer).exec(
            "INSERT INTO outbox (once, event) VALUES ('a', '{}')"));
    }
    reading.commit();
    EXPECT_EQ(migration->wait(), 0) << program_.log();
    EXPECT_EQ(count_rows(database, "schema_migrations"), kMigrations);
}

TEST_F(MigrationsTest, AreWaitedForByAServerThatSaysSo) {
    program_.serve();
    ASSERT_TRUE(eventually([&] { return readiness().body.contains("chat-server migrate"); }))
        << readiness().body;
    EXPECT_EQ(readiness().status, 503);
    EXPECT_EQ(client_.get("/api/v1/rooms").status, 503);
    ASSERT_EQ(program_.migrate(), 0);
    EXPECT_TRUE(eventually([&] { return readiness().status == 200; })) << readiness().body;
    EXPECT_TRUE(eventually([&] { return client_.get("/api/v1/rooms").status == 200; }));
}

}  // namespace
}  // namespace chatflow::chat
