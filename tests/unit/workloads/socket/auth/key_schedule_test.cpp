#include "workloads/socket/auth/key_schedule.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;
using Time = KeySchedule::Time;

const Time kStart{1000s};

class KeyScheduleTest : public testing::Test {
 protected:
    void read(Time at, bool is_usable) {
        schedule_.on_begin(at);
        schedule_.on_end(is_usable);
    }

    KeySchedule schedule_{
        {.period = 300s, .unknown_pause = 5s, .retry_first = 1s, .retry_max = 30s}};
};

TEST_F(KeyScheduleTest, BeginsAtOnceAndGoesOnPeriodically) {
    EXPECT_LT(schedule_.next(), kStart);
    read(kStart, true);
    EXPECT_EQ(schedule_.next(), kStart + 300s);
}

TEST_F(KeyScheduleTest, ReadsSoonForAnUnknownKeyButNotForEach) {
    read(kStart, true);
    schedule_.want();
    EXPECT_EQ(schedule_.next(), kStart + 5s);
    read(kStart + 20s, true);
    EXPECT_EQ(schedule_.next(), kStart + 320s) << "it was read";
    schedule_.want();
    schedule_.want();
    EXPECT_EQ(schedule_.next(), kStart + 25s);
}

TEST_F(KeyScheduleTest, AKeyThatIsAskedForDuringAReadIsLookedForAgain) {
    schedule_.on_begin(kStart);
    schedule_.want();
    schedule_.on_end(true);
    EXPECT_EQ(schedule_.next(), kStart + 5s);
}

TEST_F(KeyScheduleTest, TriesAgainEverMoreSlowlyUntilItSucceeds) {
    for (const auto wait : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        read(kStart, false);
        EXPECT_EQ(schedule_.next(), kStart + wait);
    }
    schedule_.want();
    EXPECT_EQ(schedule_.next(), kStart + 5s);
    read(kStart, true);
    EXPECT_EQ(schedule_.next(), kStart + 300s);
}

TEST(KeySchedule, WaitsNoLongerThanThePeriodAfterAFailure) {
    KeySchedule schedule({.period = 10s, .retry_first = 20s});
    schedule.on_begin(kStart);
    schedule.on_end(false);
    EXPECT_EQ(schedule.next(), kStart + 10s);
}

}  // namespace
}  // namespace chatflow::socket
