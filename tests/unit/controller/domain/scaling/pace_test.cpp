#include "controller/domain/scaling/pace.hpp"

#include <gtest/gtest.h>

namespace chatflow::scaling {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::steady_clock::time_point kStart{1000h};

TEST(NextDue, APeriodAfterItWasDueHoweverLongItTook) {
    EXPECT_EQ(next_due({}, kStart, 15s), kStart + 15s);
    EXPECT_EQ(next_due(kStart, kStart, 15s), kStart + 15s);
    EXPECT_EQ(next_due(kStart, kStart + 4s, 15s), kStart + 15s);
}

TEST(NextDue, StaysWhereAnEventCameInBetween) {
    EXPECT_EQ(next_due(kStart + 10s, kStart, 15s), kStart + 10s);
}

TEST(NextDue, AShorterPeriodHoldsAtOnce) {
    EXPECT_EQ(next_due(kStart + 60s, kStart, 5s), kStart + 5s);
}

TEST(NextDue, NothingIsMadeUpForAfterAPause) {
    EXPECT_EQ(next_due(kStart, kStart + 1h, 15s), kStart + 1h + 15s);
    EXPECT_EQ(next_due(kStart, kStart + 15s, 15s), kStart + 30s);
}

}  // namespace
}  // namespace chatflow::scaling
