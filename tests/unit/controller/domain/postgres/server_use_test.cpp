#include "controller/domain/postgres/server_use.hpp"

#include <gtest/gtest.h>

namespace chatflow::postgres {
namespace {

TEST(ServerUse, IsReadFromWhatTheServerAnswers) {
    const auto use = read_use({{{{"active", "3"},
                                 {"idle", "5"},
                                 {"idle_in_transaction", "1"},
                                 {"other", "0"},
                                 {"oldest", "42"},
                                 {"places", "97"}}},
                               {},
                               {{{"volume", " 1063256064   98304\n"}, {"dropped", "1 000000\n"}}},
                               {{{"wal", "33554432"}, {"unarchived", "16777216"}}}});
    EXPECT_EQ(use.connections,
              (std::map<std::string, std::int64_t>{
                  {"active", 3}, {"idle", 5}, {"idle_in_transaction", 1}, {"other", 0}}));
    EXPECT_EQ(use.connections_max, 97);
    EXPECT_EQ(use.oldest_transaction_seconds, 42);
    EXPECT_EQ(use.volume_bytes, 1063256064);
    EXPECT_EQ(use.volume_free_bytes, 98304);
    EXPECT_EQ(use.dropped_wal, "1 000000\n");
    EXPECT_EQ(use.wal_bytes, 33554432);
    EXPECT_EQ(use.wal_unarchived_bytes, 16777216);
}

TEST(ServerUse, AVolumeThatWasNotMeasuredIsUnknownAndNotEmpty) {
    EXPECT_FALSE(read_use({{}, {}, {{{"volume", "df: no\n"}}}}).volume_bytes);
    EXPECT_FALSE(read_use({}).volume_free_bytes);
}

TEST(StatementCosts, AreFewWhateverTheServerAnswers) {
    const Row row{
        {"database", "chat"}, {"id", "-7"}, {"calls", "4"}, {"total", "2.5"}, {"mean", "0.625"}};
    const auto costs = read_costs(std::vector(20, row));
    EXPECT_EQ(costs.size(), kStatementsTold);
    EXPECT_EQ(costs[0], (StatementCost{.database = "chat",
                                       .query_id = "-7",
                                       .calls = 4,
                                       .total_seconds = 2.5,
                                       .mean_seconds = 0.625}));
}

}  // namespace
}  // namespace chatflow::postgres
