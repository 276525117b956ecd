#include "workloads/socket/streams/order.hpp"

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

rooms::RoomMessage message(rooms::MessageId id, rooms::MessageId previous) {
    return {.id = id, .previous = previous};
}

TEST(Judge, DeliversWhatFollowsTheLast) {
    EXPECT_EQ(judge(0, message(10, 0)), Verdict::Deliver);
    EXPECT_EQ(judge(10, message(20, 10)), Verdict::Deliver);
}

TEST(Judge, DropsWhatHasBeenDelivered) {
    EXPECT_EQ(judge(10, message(10, 0)), Verdict::Repeat);
    EXPECT_EQ(judge(20, message(10, 0)), Verdict::Repeat);
}

TEST(Judge, NoticesAGap) { EXPECT_EQ(judge(10, message(30, 20)), Verdict::Gap); }

TEST(Judge, DeliversWhatANewMasterNamesThatHasLostTheLast) {
    EXPECT_EQ(judge(20, message(30, 10)), Verdict::Deliver);
}

TEST(Judge, DeliversEphemeralOnesAlways) { EXPECT_EQ(judge(10, message(0, 0)), Verdict::Deliver); }

}  // namespace
}  // namespace chatflow::socket
