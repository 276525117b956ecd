#include "controller/domain/scaling/pace.hpp"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::scaling {
namespace {

using namespace std::chrono_literals;
using Moment = std::chrono::steady_clock::time_point;

constexpr auto kStart = Moment{1000h};
constexpr const char* kUid = "7b0c";

TEST(NextDue, IsAfterNowAndAtMostAPeriodAway) {
    for (const auto now : {Moment{}, Moment{1ns}, kStart, kStart + 7s, kStart + 7123456789ns}) {
        for (const auto period : {1s, 15s, 3600s}) {
            const Moment due = next_due(now, period, kUid);
            EXPECT_GT(due, now);
            EXPECT_LE(due, now + period);
        }
    }
}

TEST(NextDue, IsAPeriodAfterTheLastHoweverLongThatTook) {
    const Moment due = next_due(kStart, 15s, kUid);
    for (const auto taken : {0ns, 1ns, 4000000000ns, 14999999999ns}) {
        EXPECT_EQ(next_due(due + taken, 15s, kUid), due + 15s);
    }
}

TEST(NextDue, StaysWhereAnEventCameInBetween) {
    const Moment due = next_due(kStart, 15s, kUid);
    EXPECT_EQ(next_due(due - 1ns, 15s, kUid), due);
    EXPECT_EQ(next_due(due - 10s, 15s, kUid), due);
}

TEST(NextDue, NothingIsMadeUpForAfterAPause) {
    const Moment due = next_due(kStart, 15s, kUid);
    EXPECT_EQ(next_due(due + 1h + 1s, 15s, kUid), due + 1h + 15s);
}

TEST(NextDue, SpreadsPoliciesEvenlyOverThePeriod) {
    constexpr int kPolicies = 15'000;
    std::array<int, 15> of_second{};
    for (int i = 0; i < kPolicies; ++i) {
        const std::string uid = "4b1d7c9a-0000-4000-8000-" + std::to_string(100'000'000'000 + i);
        const auto wait = next_due(kStart, 15s, uid) - kStart - 1ns;
        ++of_second.at(static_cast<std::size_t>(wait / 1s));
    }
    for (const int count : of_second) EXPECT_NEAR(count, kPolicies / 15, 150);
}

}  // namespace
}  // namespace chatflow::scaling
