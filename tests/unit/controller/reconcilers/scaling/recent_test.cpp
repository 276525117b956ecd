#include "controller/reconcilers/scaling/recent.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::steady_clock::time_point kNow{1000s};

TEST(Recent, GivesWhatIsFresh) {
    Recent<int> recent(30s);
    EXPECT_EQ(recent.find("chat", kNow), nullptr);
    recent.keep("chat", 7, kNow);
    ASSERT_NE(recent.find("chat", kNow + 29s), nullptr);
    EXPECT_EQ(*recent.find("chat", kNow + 29s), 7);
    EXPECT_EQ(recent.find("chat", kNow + 30s), nullptr);
    EXPECT_EQ(recent.find("shop", kNow), nullptr);
}

TEST(Recent, TheLastOneTakesThePlaceOfTheOneBefore) {
    Recent<int> recent(30s);
    recent.keep("chat", 7, kNow);
    EXPECT_EQ(recent.keep("chat", 8, kNow + 31s), 8);
    EXPECT_EQ(*recent.find("chat", kNow + 32s), 8);
    EXPECT_EQ(recent.size(), 1u);
}

TEST(Recent, ForgetsNamespacesThatNobodyAsksForAnyMore) {
    Recent<int> recent(30s);
    for (int i = 0; i < 1000; ++i) recent.keep("review-" + std::to_string(i), i, kNow + i * 1s);
    EXPECT_LE(recent.size(), 60u);  // of the last two times 30 s
    recent.keep("chat", 7, kNow + 2000s);
    EXPECT_EQ(recent.size(), 1u);
}

}  // namespace
}  // namespace chatflow
