#include "controller/reconcilers/scaling/policy_series.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using testing::HasSubstr;
using testing::Not;

api::ObjectKey policy(int number) { return {"chat", fmt::format("web-{:05}", number)}; }

void decide(PolicySeries& series, const api::ObjectKey& key, std::int32_t replicas) {
    api::ScalingPolicyStatus status;
    status.current_replicas = replicas;
    status.conditions = {{.type = std::string("Ready"),
                          .status = api::ConditionStatus::True,
                          .reason = "WithinBand"}};
    series.decided(key, api::ScalingMode::Enforce, status);
}

std::size_t count(const std::string& text, const std::string& words) {
    std::size_t found = 0;
    for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
        ++found;
    }
    return found;
}

TEST(PolicySeries, WritesEachMetricOnceWithItsHead) {
    PolicySeries series;
    decide(series, policy(1), 3);
    decide(series, policy(2), 4);
    const std::string page = series.pieces()();
    EXPECT_THAT(page, HasSubstr("# HELP chatflow_scaling_current_replicas Replicas the target has, "
                                "by its scale.\n"
                                "# TYPE chatflow_scaling_current_replicas gauge\n"
                                "chatflow_scaling_current_replicas{name=\"web-00001\","
                                "namespace=\"chat\"} 3\n"
                                "chatflow_scaling_current_replicas{name=\"web-00002\","
                                "namespace=\"chat\"} 4\n"));
    EXPECT_THAT(page, HasSubstr("chatflow_condition{name=\"web-00001\",namespace=\"chat\","
                                "kind=\"ScalingPolicy\",status=\"True\",type=\"Ready\"} 1\n"));
    EXPECT_THAT(page, Not(HasSubstr("uncapped_replicas{")));  // nothing was decided
}

TEST(PolicySeries, ComesInPiecesOfABoundedSize) {
    constexpr int kPolicies = 3000;
    PolicySeries series;
    for (int i = 0; i < kPolicies; ++i) decide(series, policy(i), i);
    const auto next = series.pieces();
    std::vector<std::string> pieces;
    for (std::string piece = next(); !piece.empty(); piece = next()) pieces.push_back(piece);
    std::string page;
    for (const std::string& piece : pieces) {
        EXPECT_LT(piece.size(), PolicySeries::kPieceBytes + 4096);
        EXPECT_TRUE(piece.ends_with('\n'));
        page += piece;
    }
    EXPECT_GT(pieces.size(), 5u);
    EXPECT_EQ(count(page, "\nchatflow_scaling_current_replicas{"), kPolicies);
    EXPECT_EQ(count(page, "\nchatflow_condition{"), kPolicies);
    EXPECT_EQ(count(page, "# HELP chatflow_condition "), 1u);
    EXPECT_EQ(next(), "");  // and stays at its end
}

TEST(PolicySeries, PoliciesMayGoWhileThePageIsTaken) {
    PolicySeries series;
    for (int i = 0; i < 3000; ++i) decide(series, policy(i), i);
    const auto next = series.pieces();
    std::string page = next();
    for (int i = 0; i < 2999; ++i) series.forget(policy(i));
    for (std::string piece = next(); !piece.empty(); piece = next()) page += piece;
    EXPECT_EQ(count(page, "chatflow_scaling_current_replicas{name=\"web-02999\""), 1u);
    EXPECT_EQ(count(page, "chatflow_condition{"), 1u);
}

TEST(PolicySeries, OfNoPolicyThereAreTheHeads) {
    const PolicySeries series;
    EXPECT_THAT(series.pieces()(), HasSubstr("# TYPE chatflow_scaling_changes_total counter"));
}

}  // namespace
}  // namespace chatflow
