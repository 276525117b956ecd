#include "workloads/chat-server/domain/error_report.hpp"

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

ErrorReport a_report(std::string message, std::string stack = "") {
    return {.message = std::move(message), .stack = std::move(stack), .url = "", .release = ""};
}

TEST(CommonText, IsTheSameForAlikeErrors) {
    const auto one =
        a_report("Room 17 is gone", "Room 17 is gone\n    at open (room.js:10:4)\n at x");
    const auto other =
        a_report("Room 4711 is gone", "Room 4711 is gone\n    at open (room.js:99:1)\n at y");
    EXPECT_EQ(common_text(one), common_text(other));
    EXPECT_EQ(common_text(a_report("no user 01934567-89ab-7def-8123-456789abcdef")),
              common_text(a_report("no user 01934567-89ab-7def-8123-456789abcdee")));
}

TEST(CommonText, DiffersByMessageAndByPlace) {
    EXPECT_NE(common_text(a_report("Room is gone")), common_text(a_report("User is gone")));
    EXPECT_NE(common_text(a_report("x", "at open (room.js)")),
              common_text(a_report("x", "at close (room.js)")));
    EXPECT_LE(common_text(a_report(std::string(5'000, 'x'))).size(), 500U);
}

TEST(IsSpike, IsManyAndFarMoreThanBefore) {
    EXPECT_TRUE(is_spike(10, 0));
    EXPECT_FALSE(is_spike(9, 0));
    EXPECT_FALSE(is_spike(10, 40));  // 10 in five minutes as against 3.3
    EXPECT_TRUE(is_spike(11, 40));
    EXPECT_FALSE(is_spike(100, 1'000));
}

TEST(ParseErrorReport, NeedsAMessage) {
    EXPECT_EQ(parse_error_report(R"({"message":"x","release":"1.2"})")->release, "1.2");
    EXPECT_FALSE(parse_error_report(R"({"stack":"x"})"));
    EXPECT_FALSE(parse_error_report(R"({"message":"x","user":"y"})"));
    EXPECT_FALSE(parse_error_report(R"({"message":")" + std::string(1'001, 'x') + "\"}"));
}

}  // namespace
}  // namespace chatflow::chat
