#include "workloads/chat-server/domain/rate_limit.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

TEST(ParseRateLimit, ReadsRequestsAndWindow) {
    EXPECT_EQ(parse_rate_limit("100/15m").value(), (RateLimit{.requests = 100, .window = 15min}));
    EXPECT_EQ(parse_rate_limit("5/1h").value(), (RateLimit{.requests = 5, .window = 1h}));
    EXPECT_EQ(parse_rate_limit("60/60s").value(), (RateLimit{.requests = 60, .window = 60s}));
    EXPECT_EQ(parse_rate_limit("100000/24h").value()->requests, kRateLimitRequestsMax);
    EXPECT_EQ(parse_rate_limit("off").value(), std::nullopt);
}

class UnusableRateLimit : public testing::TestWithParam<const char*> {};

TEST_P(UnusableRateLimit, IsRefusedWithAnExample) {
    const auto limit = parse_rate_limit(GetParam());
    ASSERT_FALSE(limit);
    EXPECT_TRUE(limit.error().contains("100/15m"));
}

INSTANTIATE_TEST_SUITE_P(All, UnusableRateLimit,
                         testing::Values("", "100", "/15m", "100/", "0/15m", "100/0s", "-1/1m",
                                         "100/15", "100/15d", "100/m", "1e3/1m", "100001/1m",
                                         "100/25h", "100/99999999999h", "100/15m/1h", " 100/15m"));

TEST(RateLimitHeaders, SayPolicyAndState) {
    EXPECT_EQ(rate_limit_policy_header("api", {.requests = 100, .window = 15min}),
              R"("api";q=100;w=900)");
    EXPECT_EQ(rate_limit_header("api", {.remaining = 42, .reset = 17s}), R"("api";r=42;t=17)");
}

}  // namespace
}  // namespace chatflow::chat
