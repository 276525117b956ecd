#include "workloads/worker/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace chatflow::worker {
namespace {

using namespace std::chrono_literals;

constexpr CircuitBreaker::TimePoint kStart{1h};

CircuitBreaker broken() {
    CircuitBreaker breaker;
    for (std::uint32_t i = 0; i < CircuitBreaker::kFailuresMax; ++i) breaker.on_failure(kStart);
    return breaker;
}

TEST(CircuitBreaker, LeavesAServiceAloneAfterFiveFailuresInARow) {
    CircuitBreaker breaker;
    for (int i = 0; i < 4; ++i) breaker.on_failure(kStart);
    EXPECT_TRUE(breaker.may_call(kStart));
    breaker.on_failure(kStart);
    EXPECT_FALSE(breaker.may_call(kStart + 14s));
    EXPECT_EQ(breaker.pause_left(kStart + 14s), 1s);
}

TEST(CircuitBreaker, OneSuccessBeginsTheCountAnew) {
    CircuitBreaker breaker;
    for (int i = 0; i < 4; ++i) breaker.on_failure(kStart);
    breaker.on_success();
    breaker.on_failure(kStart);
    EXPECT_TRUE(breaker.may_call(kStart));
}

TEST(CircuitBreaker, OneCallFindsOutWhetherItIsBack) {
    auto breaker = broken();
    EXPECT_TRUE(breaker.may_call(kStart + 15s));
    EXPECT_FALSE(breaker.may_call(kStart + 15s));
    breaker.on_success();
    EXPECT_TRUE(breaker.may_call(kStart + 15s));
    EXPECT_EQ(breaker.pause_left(kStart + 15s), 0ms);
}

TEST(CircuitBreaker, IsLeftAloneAgainWhenThatCallFails) {
    auto breaker = broken();
    EXPECT_TRUE(breaker.may_call(kStart + 15s));
    breaker.on_failure(kStart + 16s);
    EXPECT_FALSE(breaker.may_call(kStart + 30s));
    EXPECT_TRUE(breaker.may_call(kStart + 31s));
}

}  // namespace
}  // namespace chatflow::worker
