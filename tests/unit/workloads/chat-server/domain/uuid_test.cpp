#include "workloads/chat-server/domain/uuid.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

TEST(UuidGenerator, MakesVersionSevenOfTheTimeGiven) {
    UuidGenerator ids(1);
    const std::string id = ids.next(TimePoint{0x0123456789abms});
    EXPECT_TRUE(is_uuid(id)) << id;
    EXPECT_EQ(id.substr(0, 15), "01234567-89ab-7");
    EXPECT_TRUE(std::string_view("89ab").contains(id[19])) << id;
}

TEST(UuidGenerator, GoesUpwardsWithinAMillisecondAndWhenTheClockIsSetBack) {
    UuidGenerator ids(1);
    std::string last = ids.next(kNow);
    for (int i = 0; i < 10'000; ++i) {  // more than the counter of one millisecond holds
        const std::string id = ids.next(kNow);
        ASSERT_LT(last, id);
        last = id;
    }
    EXPECT_LT(last, ids.next(kNow - 1h));
    EXPECT_LT(last, ids.next(kNow + 1h));
}

TEST(UuidGenerator, DiffersBySeed) {
    EXPECT_NE(UuidGenerator(1).next(kNow), UuidGenerator(2).next(kNow));
}

TEST(IsUuid, TakesLowerCaseOfTheRightShapeOnly) {
    EXPECT_TRUE(is_uuid("01934567-89ab-7def-8123-456789abcdef"));
    for (const char* text :
         {"", "01934567-89AB-7def-8123-456789abcdef", "01934567-89ab-7def-8123-456789abcde",
          "01934567-89ab-7def-8123-456789abcdef0", "0193456789ab7def8123456789abcdef",
          "01934567-89ab-7def-8123-456789abcdeg", "01934567+89ab-7def-8123-456789abcdef"}) {
        EXPECT_FALSE(is_uuid(text)) << text;
    }
}

}  // namespace
}  // namespace chatflow::chat
