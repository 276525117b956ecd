#include "workloads/socket/transport/write_pace.hpp"

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

constexpr auto kLongest = 40ms;

/// The part of its time that the thread would then write, when rounds go on like this one.
double writing_share(const WriteRound& round) {
    const auto rest = rest_after(round, 1h);
    return static_cast<double>(round.took.count()) /
           static_cast<double>((round.took + rest).count());
}

TEST(WritePace, WritesForMostOfTheTimeWhenThereIsNothingElseToDo) {
    EXPECT_NEAR(writing_share({.took = 9ms, .took_cpu = 9ms, .period = 1s}), 0.6, 1e-6);
}

TEST(WritePace, LeavesOtherWorkItsTime) {
    const auto with_other = [](std::chrono::nanoseconds other) {
        return writing_share({.took = 10ms, .took_cpu = 10ms, .period = 100ms, .other_cpu = other});
    };
    EXPECT_NEAR(with_other(30ms), 0.3, 1e-6);
    EXPECT_NEAR(with_other(20ms), 0.4, 1e-6);
    EXPECT_NEAR(with_other(90ms), 0.2, 1e-6) << "but it never stops writing";
    EXPECT_GT(with_other(10ms), with_other(20ms));
}

TEST(WritePace, CountsWhatASharedProcessorTakesAway) {
    const WriteRound alone{.took = 10ms, .took_cpu = 10ms, .period = 100ms, .other_cpu = 20ms};
    WriteRound shared = alone;
    shared.took_cpu = 5ms;
    EXPECT_NEAR(writing_share(alone), 0.4, 1e-6);
    EXPECT_NEAR(writing_share(shared), 0.2, 1e-6);
}

TEST(WritePace, RestsNoLongerThanTold) {
    const WriteRound busy{.took = 30ms, .took_cpu = 30ms, .period = 100ms, .other_cpu = 70ms};
    EXPECT_EQ(rest_after(busy, kLongest), kLongest);
}

TEST(WritePace, DoesNotRestAfterNothing) {
    EXPECT_EQ(rest_after({}, kLongest), 0ns);
    EXPECT_EQ(rest_after({.took = 1us}, kLongest), 0ns);
}

}  // namespace
}  // namespace chatflow::socket
