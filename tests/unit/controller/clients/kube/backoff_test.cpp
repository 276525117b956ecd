#include "controller/clients/kube/backoff.hpp"

#include <gtest/gtest.h>

namespace chatflow::kube {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToItsMost) {
    Backoff backoff({.first = 800ms, .most = 5s});
    for (const auto expected : {800ms, 1600ms, 3200ms, 5000ms, 5000ms}) {
        EXPECT_EQ(backoff.after_failure(0ms, 0.0), expected);
    }
}

TEST(Backoff, SpreadsByUpToTheDelayAgain) {
    Backoff backoff({.first = 1000ms, .most = 1000ms});
    EXPECT_EQ(backoff.after_failure(0ms, 0.5), 1500ms);
    EXPECT_EQ(backoff.after_failure(0ms, 0.999), 1999ms);
}

TEST(Backoff, AHealthyRunStartsOver) {
    Backoff backoff({.first = 800ms, .most = 30s, .healthy_after = 120s});
    (void)backoff.after_failure(0ms, 0);
    EXPECT_EQ(backoff.after_failure(119s, 0), 1600ms);
    EXPECT_EQ(backoff.after_failure(120s, 0), 800ms);
}

}  // namespace
}  // namespace chatflow::kube
