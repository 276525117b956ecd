#include "controller/domain/postgres/index_hints.hpp"

#include <gtest/gtest.h>

namespace chatflow::postgres {
namespace {

/// A million rows that were read from end to end a hundred times.
TableUse messages() {
    return {.database = "chat",
            .table = "public.messages",
            .scans = 100,
            .rows_read = 100'000'000,
            .rows = 1'000'000,
            .size_bytes = 64 << 20,
            .seconds_since_scan = 5};
}

TEST(IndexHints, ALargeTableThatIsReadFromEndToEndAgainAndAgainIsNamed) {
    const auto hints = index_hints({messages()}, {});
    ASSERT_EQ(hints.size(), 1);
    EXPECT_EQ(hints[0].table, "public.messages");
    EXPECT_EQ(hints[0].rows_per_scan, 1'000'000);
    EXPECT_EQ(hints[0].statement, "");
}

TEST(IndexHints, SmallTablesAndShortRareAndOldScansAreNone) {
    TableUse small = messages();
    small.rows = 9'999;
    TableUse short_scans = messages();
    short_scans.rows_read = short_scans.scans * 9'999;
    TableUse rare = messages();
    rare.scans = 19;
    TableUse old = messages();
    old.seconds_since_scan = 3601;
    TableUse never = messages();
    never.seconds_since_scan.reset();
    EXPECT_TRUE(index_hints({small, short_scans, rare, old, never}, {}).empty());
}

TEST(IndexHints, TheSlowestStatementThatNamesTheTableIsTold) {
    const std::vector<StatementUse> statements{
        {.database = "chat", .text = "SELECT * FROM messages_old", .total_ms = 900},
        {.database = "other", .text = "SELECT * FROM messages", .total_ms = 800},
        {.database = "chat", .text = "SELECT *\n  FROM messages WHERE room = $1", .total_ms = 70},
        {.database = "chat", .text = "DELETE FROM public.messages WHERE id = $1", .total_ms = 6}};
    EXPECT_EQ(index_hints({messages()}, statements).at(0).statement,
              "SELECT * FROM messages WHERE room = $1");
}

TEST(IndexHints, ALongStatementIsCutBetweenCharacters) {
    const StatementUse statement{.database = "chat",
                                 .text = "SELECT 'x" +
                                         [] {
                                             std::string long_text;
                                             for (int i = 0; i < 200; ++i) long_text += "\u00e9";
                                             return long_text;
                                         }() +
                                         "' FROM messages",
                                 .total_ms = 1};
    const auto text = index_hints({messages()}, {statement}).at(0).statement;
    EXPECT_LE(text.size(), api::kIndexHintStatementMax);
    EXPECT_TRUE(text.ends_with("\u00e9..."));
}

TEST(IndexHints, OnlyTheFiveThatReadMostAreKept) {
    std::vector<TableUse> tables;
    for (int i = 0; i < 9; ++i) {
        tables.push_back(messages());
        tables.back().table = "public.t" + std::to_string(i);
        tables.back().rows_read += i;
    }
    const auto hints = index_hints(tables, {});
    ASSERT_EQ(hints.size(), api::kIndexHintsMax);
    EXPECT_EQ(hints.front().table, "public.t8");
}

}  // namespace
}  // namespace chatflow::postgres
