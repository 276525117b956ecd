#include "libs/http/problem.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::http {
namespace {

TEST(Problem, SaysStatusTitleDetailAndErrors) {
    const Response response = problem(400, "two fields are wrong", {{"name", "must not be empty"}});
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(nlohmann::json::parse(response.body),
              nlohmann::json::parse(R"({"type":"about:blank","title":"Bad Request","status":400,
                  "detail":"two fields are wrong",
                  "errors":[{"path":"name","message":"must not be empty"}]})"));
}

TEST(Problem, LeavesOutWhatItDoesNotHave) {
    const auto body = nlohmann::json::parse(problem(404, "").body);
    EXPECT_FALSE(body.contains("detail"));
    EXPECT_FALSE(body.contains("errors"));
}

TEST(Problem, SurvivesBytesThatAreNotUtf8) {
    EXPECT_TRUE(nlohmann::json::accept(problem(400, "bad \xff byte").body));
}

}  // namespace
}  // namespace chatflow::http
