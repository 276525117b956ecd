#include "hack/load/tally.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::load {
namespace {

using namespace std::chrono_literals;

Tally a_tally() {
    Tally tally{.succeeded = 20, .not_sent = 1, .failed = {{"status 503", 2}, {"timeout", 1}}};
    for (int i = 0; i < 20; ++i) tally.latencies.add(10ms);
    return tally;
}

TEST(Tally, AddsUpByReason) {
    Tally whole = a_tally();
    whole.add(a_tally());
    EXPECT_EQ(whole.succeeded, 40U);
    EXPECT_EQ(whole.failures(), 6U);
    EXPECT_EQ(whole.failed["status 503"], 4U);
    EXPECT_EQ(whole.latencies.count(), 40U);
}

TEST(SummaryJson, HoldsRatesFailuresAndPercentiles) {
    const auto summary = nlohmann::json::parse(summary_json(a_tally(), 2s));
    EXPECT_EQ(summary["ratePerSecond"], 10);
    EXPECT_EQ(summary["failedBy"]["timeout"], 1);
    EXPECT_EQ(summary["notSent"], 1);
    EXPECT_EQ(summary["latencyMs"]["max"], 10);
    EXPECT_EQ(summary["latencyMs"]["p95"], 10);
    EXPECT_NEAR(summary["failedShare"].get<double>(), 4.0 / 24, 1e-9);
    EXPECT_FALSE(summary["byKind"].contains("send")) << "there was none";
}

TEST(SummaryText, NamesTheReasonsOfFailures) {
    EXPECT_TRUE(summary_text(a_tally(), 2s).contains("3  (status 503: 2, timeout: 1)"));
}

TEST(SummaryJson, TellsKindsApart) {
    Tally tally = a_tally();
    tally.by_kind[static_cast<std::size_t>(Kind::Send)].add(30ms);
    const auto summary = nlohmann::json::parse(summary_json(tally, 2s));
    EXPECT_EQ(summary["byKind"]["send"]["count"], 1);
    EXPECT_EQ(summary["byKind"]["send"]["p50"], 30);
}

TEST(Tally, MeetsItsGoalOnlyWithoutErrorsAndSlowAnswers) {
    Tally tally{.succeeded = 2000};
    for (int i = 0; i < 2000; ++i) tally.latencies.add(i < 1950 ? 100ms : 900ms);
    EXPECT_TRUE(tally.meets({}));
    tally.failed["timeout"] = 1;
    EXPECT_TRUE(tally.meets({})) << "one of 2,001";
    tally.not_sent = 2;
    EXPECT_FALSE(tally.meets({})) << "what was not sent counts";
    tally = {.succeeded = 10};
    for (int i = 0; i < 10; ++i) tally.latencies.add(200ms);
    EXPECT_FALSE(tally.meets({}));
    EXPECT_FALSE(Tally{}.meets({})) << "nothing was answered";
}

TEST(ProgressLine, SaysRateErrorsAndLatency) {
    const std::string line = progress_line(a_tally(), 7s, 1s);
    for (const char* part : {"7 s", "20/s", "errors 3", "p50 10.0 ms", "timeout: 1"}) {
        EXPECT_TRUE(line.contains(part)) << line;
    }
    EXPECT_TRUE(progress_line({}, 1s, 0s).contains("0/s"));
}

}  // namespace
}  // namespace chatflow::load
