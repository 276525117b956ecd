#include "libs/jobs/retry.hpp"

#include <gtest/gtest.h>

namespace chatflow::jobs {
namespace {

using namespace std::chrono_literals;

TEST(BackoffDelay, DoublesFromTheSecondAttemptOn) {
    const Backoff backoff{.kind = Backoff::Kind::Exponential, .delay = 1s};
    EXPECT_EQ(backoff_delay(backoff, 1, 0), 1s);
    EXPECT_EQ(backoff_delay(backoff, 2, 0), 2s);
    EXPECT_EQ(backoff_delay(backoff, 4, 0), 8s);
}

TEST(BackoffDelay, IsAlwaysTheSameWhenFixed) {
    const Backoff backoff{.kind = Backoff::Kind::Fixed, .delay = 700ms};
    EXPECT_EQ(backoff_delay(backoff, 1, 0), 700ms);
    EXPECT_EQ(backoff_delay(backoff, 9, 0), 700ms);
}

TEST(BackoffDelay, LeavesTheShareOfTheJitterToChance) {
    const Backoff backoff{.kind = Backoff::Kind::Fixed, .delay = 1s, .jitter = 0.5};
    EXPECT_EQ(backoff_delay(backoff, 1, 0), 500ms);
    EXPECT_EQ(backoff_delay(backoff, 1, 0.5), 750ms);
    EXPECT_EQ(backoff_delay(backoff, 1, 1), 1s);
}

TEST(BackoffDelay, IsBounded) {
    const Backoff backoff{.kind = Backoff::Kind::Exponential, .delay = 1h};
    EXPECT_EQ(backoff_delay(backoff, 4'000'000'000U, 1), kBackoffMax);
}

TEST(NextAttempt, IsThereWhileAttemptsAreLeft) {
    Job job{.options = {.attempts = 3, .backoff = {.delay = 1s}}};
    EXPECT_EQ(next_attempt(job, 0), 1s);
    job.attempts_made = 1;
    EXPECT_EQ(next_attempt(job, 0), 1s);
    job.attempts_made = 2;
    EXPECT_EQ(next_attempt(job, 0), std::nullopt);
    EXPECT_EQ(next_attempt(Job{}, 0), std::nullopt);
}

}  // namespace
}  // namespace chatflow::jobs
