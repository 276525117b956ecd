#include "controller/cli/decide_command.hpp"

#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kCase =
    R"({"id":{"any":"kind"},"spec":{"maxReplicas":10},"now":"2026-03-14T12:00:00Z",)"
    R"("replicas":{"spec":3,"status":3},"proposal":9})";

std::vector<json> answers(const std::string& lines, ExitCode expected) {
    std::istringstream in(lines);
    std::ostringstream out;
    EXPECT_EQ(decide_lines(in, out), expected);
    std::vector<json> parsed;
    std::istringstream written(out.str());
    for (std::string line; std::getline(written, line);) parsed.push_back(json::parse(line));
    return parsed;
}

TEST(DecideLines, AnswersEachCaseInItsOrderWithItsId) {
    const auto got = answers(std::string(kCase) + "\n\n" + kCase + "\n", ExitCode::Ok);
    ASSERT_EQ(got.size(), 2U);
    EXPECT_EQ(got[0]["id"], (json{{"any", "kind"}}));
    EXPECT_EQ(got[0]["replicas"], 7);  // 4 pods in 15 s
    EXPECT_EQ(got[0]["uncapped"], 9);
    EXPECT_EQ(got[0]["reason"], "RateLimited");
    EXPECT_EQ(got[0]["limitedBy"], "ScaleUpPolicy");
    EXPECT_EQ(got[1], got[0]);
}

TEST(DecideLines, OneBadLineDoesNotCostTheOthersTheirAnswers) {
    const auto got =
        answers("{\n" + std::string(kCase) + "\n{\"id\":7,\"spec\":{}}\n", ExitCode::Failed);
    ASSERT_EQ(got.size(), 3U);
    EXPECT_TRUE(got[0]["id"].is_null());
    EXPECT_TRUE(got[0].contains("error"));
    EXPECT_EQ(got[1]["replicas"], 7);
    EXPECT_EQ(got[2]["id"], 7);
    EXPECT_THAT(got[2]["error"].get<std::string>(), HasSubstr("now: is required"));
}

TEST(DecideLines, RefuseWhatIsNestedWithoutBound) {
    const auto got = answers(std::string(100'000, '[') + "\n", ExitCode::Failed);
    EXPECT_THAT(got.at(0)["error"].get<std::string>(), HasSubstr("nested deeper than 64 levels"));
}

TEST(DecideLines, OfNothingIsNothing) { EXPECT_TRUE(answers("", ExitCode::Ok).empty()); }

}  // namespace
}  // namespace chatflow::cli
