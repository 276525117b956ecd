#include "workloads/chat-server/domain/parse_query.hpp"

#include "workloads/chat-server/domain/cursor.hpp"
#include "workloads/chat-server/domain/limits.hpp"

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

constexpr const char* kRoomId = "01934567-89ab-7def-8123-456789abcdef";

TEST(ParseHistoryQuery, WithoutParametersAsksForTheNewestPage) {
    EXPECT_EQ(parse_history_query({}),
              (HistoryQuery{.before = std::nullopt, .after = std::nullopt, .limit = kPageDefault}));
}

TEST(ParseHistoryQuery, TakesCursorsAndLimits) {
    EXPECT_EQ(parse_history_query({.limit = "1", .before = encode_message_cursor(7)}),
              (HistoryQuery{.before = 7, .after = std::nullopt, .limit = 1}));
    EXPECT_EQ(parse_history_query({.limit = "200", .after = encode_message_cursor(0)}),
              (HistoryQuery{.before = std::nullopt, .after = 0, .limit = 200}));
}

class InvalidLimit : public testing::TestWithParam<const char*> {};

TEST_P(InvalidLimit, IsRefused) {
    const auto query = parse_history_query({.limit = GetParam()});
    ASSERT_FALSE(query);
    EXPECT_EQ(query.error(), (FieldErrors{{"limit", "must be a number from 1 to 200"}}));
    EXPECT_FALSE(parse_rooms_query({.limit = GetParam()}));
}

INSTANTIATE_TEST_SUITE_P(Table, InvalidLimit,
                         testing::Values("", "0", "201", "-1", "1.5", " 1", "1 ", "ten", "0x10",
                                         "99999999999999999999"));

TEST(ParseHistoryQuery, RefusesCursorsItDidNotWriteAndBothAtOnce) {
    for (const std::string& text : {std::string("abc"), std::string(), encode_id_cursor(kRoomId)}) {
        EXPECT_EQ(parse_history_query({.before = text}).error().front().path, "before") << text;
        EXPECT_EQ(parse_history_query({.after = text}).error().front().path, "after") << text;
    }
    const auto both = parse_history_query(
        {.before = encode_message_cursor(1), .after = encode_message_cursor(2)});
    EXPECT_EQ(both.error(), (FieldErrors{{"after", "must not be given together with before"}}));
}

TEST(ParseRoomsQuery, TakesTheCursorOfARoomOnly) {
    EXPECT_EQ(parse_rooms_query({.after = encode_id_cursor(kRoomId)}),
              (RoomsQuery{.after = kRoomId, .limit = kPageDefault}));
    EXPECT_FALSE(parse_rooms_query({.after = encode_message_cursor(1)}));
}

}  // namespace
}  // namespace chatflow::chat
