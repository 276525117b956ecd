#include "libs/events/retry.hpp"

#include <gtest/gtest.h>

namespace chatflow::events {
namespace {

using namespace std::chrono_literals;

TEST(DecideRetry, DoublesTheDelayUpToItsBound) {
    const RetryPolicy policy{.attempts_max = 10, .first_delay = 1s, .delay_max = 10s};
    EXPECT_EQ(decide_retry(policy, 1, 0), 1s);
    EXPECT_EQ(decide_retry(policy, 2, 0), 2s);
    EXPECT_EQ(decide_retry(policy, 4, 0), 8s);
    EXPECT_EQ(decide_retry(policy, 5, 0), 10s);
    EXPECT_EQ(decide_retry(policy, 9, 0), 10s);
}

TEST(DecideRetry, TakesUpToItsShareOffByChance) {
    const RetryPolicy policy{.first_delay = 1s, .jitter = 0.5};
    EXPECT_EQ(decide_retry(policy, 1, 0.5), 750ms);
}

TEST(DecideRetry, EndsAfterTheLastAttempt) {
    const RetryPolicy policy{.attempts_max = 3};
    EXPECT_TRUE(decide_retry(policy, 2, 0));
    EXPECT_FALSE(decide_retry(policy, 3, 0));
    EXPECT_FALSE(decide_retry({.attempts_max = 1}, 1, 0));
}

}  // namespace
}  // namespace chatflow::events
