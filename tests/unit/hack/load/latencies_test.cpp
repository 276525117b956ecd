#include "hack/load/latencies.hpp"

#include <gtest/gtest.h>

namespace chatflow::load {
namespace {

using namespace std::chrono_literals;

TEST(Latencies, OfNoneAreZero) {
    EXPECT_EQ(Latencies().percentile(0.99), 0us);
    EXPECT_EQ(Latencies().max(), 0us);
}

TEST(Latencies, GivePercentilesWithinTwoPercent) {
    Latencies latencies;
    for (int i = 1; i <= 100'000; ++i) latencies.add(std::chrono::microseconds(i));
    for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999}) {
        const auto found = static_cast<double>(latencies.percentile(share).count());
        EXPECT_GE(found, share * 100'000) << share;
        EXPECT_LE(found, share * 100'000 * 1.02) << share;
    }
    EXPECT_EQ(latencies.percentile(1), 100'000us);
    EXPECT_EQ(latencies.count(), 100'000U);
}

TEST(Latencies, KeepSmallOnesExactly) {
    for (const auto time : {0us, 1us, 63us, 64us, 127us}) {
        Latencies latencies;
        latencies.add(time);
        latencies.add(1h);
        EXPECT_EQ(latencies.percentile(0.5), time);
    }
}

TEST(Latencies, TakeTimesBelowZeroAndBeyondTheLastClass) {
    Latencies latencies;
    latencies.add(-1us);
    latencies.add(24h * 365 * 1000);
    EXPECT_EQ(latencies.percentile(0.5), 0us);
    EXPECT_EQ(latencies.count(), 2U);
}

TEST(Latencies, AddUp) {
    Latencies one;
    Latencies two;
    one.add(1ms);
    two.add(3ms);
    one.add(two);
    EXPECT_EQ(one.count(), 2U);
    EXPECT_EQ(one.max(), 3ms);
}

}  // namespace
}  // namespace chatflow::load
