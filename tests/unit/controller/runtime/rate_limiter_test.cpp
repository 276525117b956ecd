#include "controller/runtime/rate_limiter.hpp"

#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using namespace std::chrono_literals;

const TokenBucket::Moment t0 = TokenBucket::Moment{} + 1h;

TEST(TokenBucket, GivesItsBurstAtOnceThenTheRate) {
    TokenBucket bucket(10, 2);
    EXPECT_TRUE(bucket.try_take(t0));
    EXPECT_TRUE(bucket.try_take(t0));
    EXPECT_FALSE(bucket.try_take(t0));
    EXPECT_FALSE(bucket.try_take(t0 + 99ms));
    EXPECT_TRUE(bucket.try_take(t0 + 101ms));
}

TEST(TokenBucket, HoldsNoMoreThanItsBurst) {
    TokenBucket bucket(10, 2);
    EXPECT_TRUE(bucket.try_take(t0));
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(bucket.try_take(t0 + 1h));
    EXPECT_FALSE(bucket.try_take(t0 + 1h));
}

TEST(TokenBucket, ReservationsQueueUpBehindEachOther) {
    TokenBucket bucket(10, 1);
    EXPECT_EQ(bucket.reserve(t0), 0ms);
    EXPECT_EQ(bucket.reserve(t0), 100ms);
    EXPECT_EQ(bucket.reserve(t0), 200ms);
    EXPECT_EQ(bucket.reserve(t0 + 200ms), 100ms);
}

TEST(TokenBucket, AStepBackOfTimeGivesNothing) {
    TokenBucket bucket(10, 1);
    EXPECT_TRUE(bucket.try_take(t0));
    EXPECT_FALSE(bucket.try_take(t0 - 1h));
}

TEST(RetryDelay, DoublesUpToItsMost) {
    const RetryLimits limits{.first = 5ms, .most = 1000s};
    EXPECT_EQ(retry_delay(limits, 0), 5ms);
    EXPECT_EQ(retry_delay(limits, 1), 10ms);
    EXPECT_EQ(retry_delay(limits, 17), 655'360ms);
    EXPECT_EQ(retry_delay(limits, 18), 1000s);
    EXPECT_EQ(retry_delay(limits, 1'000'000), 1000s);
}

}  // namespace
}  // namespace chatflow::runtime
