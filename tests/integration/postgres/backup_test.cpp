#include "tests/integration/postgres/object_store.hpp"
#include "tests/integration/postgres/operator_bench.hpp"

#include <chrono>
#include <filesystem>
#include <set>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace chatflow::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

json volume() { return {{"volume", {{"claimName", "backups"}, {"accessMode", "ReadWriteOnce"}}}}; }

json single(const json& more) {
    json spec{{"members", 1}, {"durability", "None"}};
    spec.merge_patch(more);
    return spec;
}

/// Inserts the row and says when it was acknowledged, by the server's clock.
std::string insert(OperatorBench& bench, int row) {
    const auto rows = bench.on_primary({fmt::format("INSERT INTO ledger VALUES ({})", row),
                                        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', "
                                        "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS at"});
    return rows[1][0].at("at");
}

std::set<std::string> rows_of(OperatorBench& bench) {
    std::set<std::string> rows;
    const auto answer = bench.on_primary({"SELECT row FROM ledger"});
    for (const auto& row : answer[0]) {
        rows.insert(row.at("row"));
    }
    return rows;
}

/// Backs a topology up to the target, and restores from there: to the last row that was
/// acknowledged before a moment, and to no later one.
void backs_up_and_restores(const json& target, const OperatorBench::Surroundings& surroundings) {
    std::string moment;
    std::set<std::string> before;
    {
        OperatorBench chat(single({{"backup", {{"target", target}, {"requestID", "first"}}}}),
                           "chat", surroundings);
        const auto backups = [&] { return chat.status().value("backups", json::object()); };
        chat.reconcile_until([&] { return chat.all_stream(); }, 120s);
        chat.on_primary({"CREATE TABLE ledger (row bigint PRIMARY KEY)"});
        insert(chat, 1);
        chat.reconcile_until([&] { return backups().value("count", 0) >= 1; }, 120s);
        EXPECT_EQ(backups().value("lastRequest", ""), "first");
        EXPECT_GT(backups()["last"]["sizeBytes"], 1'000'000);
        EXPECT_TRUE(chat.condition("BackupHealthy"));

        for (int row = 2; row <= 50; ++row) moment = insert(chat, row);
        before = rows_of(chat);
        for (int row = 51; row <= 60; ++row) insert(chat, row);
        const auto walls = chat.on_primary(
            {"SELECT archived_count AS count FROM pg_stat_archiver", "SELECT pg_switch_wal()"});
        const auto archived = std::stol(walls[0][0].at("count"));
        chat.reconcile_until(
            [&] {
                const auto rows =
                    chat.on_primary({"SELECT archived_count AS count FROM pg_stat_archiver"});
                return std::stol(rows[0][0].at("count")) > archived;
            },
            60s);

        chat.change_spec({{"backup", {{"requestID", "second"}}}});
        chat.reconcile_until([&] { return backups().value("count", 0) >= 2; }, 120s);
        EXPECT_EQ(backups()["last"]["type"], "incr");
    }
    OperatorBench restored(
        single(
            {{"bootstrap",
              {{"recovery", {{"source", "chat"}, {"target", target}, {"targetTime", moment}}}}}}),
        "again", surroundings);
    restored.reconcile_until([&] { return restored.all_stream(); }, 120s);
    EXPECT_EQ(rows_of(restored), before) << "restored to " << moment << restored.logs();
    insert(restored, 1000);
}

TEST(PostgresBackup, ARestoreFromAVolumeHasWhatWasAcknowledgedBeforeTheMoment) {
    TemporaryFolder repository;
    give_to_postgres(repository.path());
    backs_up_and_restores(volume(), {.repository = repository.path(), .environment = {}});
}

TEST(PostgresBackup, ARestoreFromABucketHasWhatWasAcknowledgedBeforeTheMoment) {
    const ObjectStore store;
    backs_up_and_restores(store.target(),
                          {.repository = {}, .environment = ObjectStore::environment()});
}

TEST(PostgresBackup, WalThatTheRepositoryDoesNotTakeIsDroppedAndToldUntilAFullBackup) {
    TemporaryFolder repository;
    give_to_postgres(repository.path());
    OperatorBench chat(
        single({{"backup", {{"target", volume()}, {"walQueueMax", "64Mi"}, {"requestID", "a"}}}}),
        "chat", {.repository = repository.path(), .environment = {}});
    const auto backups = [&] { return chat.status().value("backups", json::object()); };
    chat.reconcile_until([&] { return backups().value("count", 0) >= 1; }, 180s);
    const auto archive = repository.path() / "archive";
    std::filesystem::permissions(archive, std::filesystem::perms::none);
    for (int file = 0; file < 10; ++file) {
        chat.on_primary(
            {"SELECT pg_logical_emit_message(false, 'test', 'x')", "SELECT pg_switch_wal()"});
    }
    chat.reconcile_until([&] { return backups().contains("archiveHole"); }, 180s);
    EXPECT_FALSE(chat.condition("BackupHealthy"));
    const json hole = backups()["archiveHole"];
    EXPECT_LT(hole["fromLSN"].get<std::string>(), hole["toLSN"].get<std::string>());

    std::filesystem::permissions(archive, std::filesystem::perms::owner_all);
    chat.reconcile_until([&] { return !backups().contains("archiveHole"); }, 240s);
    EXPECT_EQ(backups()["last"]["type"], "full");
    EXPECT_EQ(backups()["restorableFrom"], backups()["last"]["finished"]);
    EXPECT_TRUE(chat.condition("BackupHealthy"));
}

}  // namespace
}  // namespace chatflow::test
