#include "controller/clients/kube/api_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::kube {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

TEST(ErrorFromResponse, SaysWhatTheStatusSays) {
    const auto error = error_from_response({.status = 409, .headers = {}, .body = R"({
        "kind": "Status", "code": 409, "reason": "Conflict", "message": "somebody else wrote",
        "details": {"causes": [{"reason": "FieldManagerConflict",
                                "message": "conflict with \"helm\"", "field": ".spec.replicas"}]}
    })"});
    EXPECT_TRUE(error.is_conflict());
    EXPECT_FALSE(error.already_exists());
    EXPECT_STREQ(error.what(), "API server says 409 Conflict: somebody else wrote");
    const ErrorCause cause{"FieldManagerConflict", "conflict with \"helm\"", ".spec.replicas"};
    EXPECT_THAT(error.causes(), ElementsAre(cause));
}

TEST(ErrorFromResponse, TellsConflictFromAlreadyExists) {
    const auto error = error_from_response(
        {.status = 409, .headers = {}, .body = R"({"kind": "Status", "reason": "AlreadyExists"})"});
    EXPECT_TRUE(error.already_exists());
    EXPECT_FALSE(error.is_conflict());
}

TEST(ErrorFromResponse, ABodyThatIsNoStatusIsTheMessage) {
    for (const char* body : {"upstream is away", "{\"kind\": \"Other\"}", "[]", "{", ""}) {
        const auto error = error_from_response({.status = 502, .headers = {}, .body = body});
        EXPECT_EQ(error.code(), 502);
        EXPECT_EQ(error.message(), body);
    }
    const auto page =
        error_from_response({.status = 502, .headers = {}, .body = std::string(1 << 20, 'x')});
    EXPECT_EQ(page.message().size(), 1024U);
}

TEST(ErrorFromResponse, TheHeaderSaysWhenToComeBackElseTheStatus) {
    const std::string body = R"({"kind": "Status", "details": {"retryAfterSeconds": 7}})";
    EXPECT_EQ(error_from_response({.status = 429, .headers = {}, .body = body}).retry_after(), 7s);
    EXPECT_EQ(error_from_response({.status = 429, .headers = {{"retry-after", "3"}}, .body = body})
                  .retry_after(),
              3s);
    for (const char* bad : {"-1", "soon", "1.5", "Sat, 21 Nov 2026 08:00:00 GMT", ""}) {
        EXPECT_EQ(
            error_from_response({.status = 429, .headers = {{"Retry-After", bad}}, .body = ""})
                .retry_after(),
            std::nullopt)
            << bad;
    }
}

TEST(ErrorFromResponse, ParsesNothingThatHasTheWrongType) {
    const auto error = error_from_response({.status = 500, .headers = {}, .body = R"({
        "kind": "Status", "code": "500", "reason": 7, "message": {}, "details": {"causes": [7]}})"});
    EXPECT_EQ(error.code(), 500);
    EXPECT_EQ(error.reason(), "");
    EXPECT_TRUE(error.causes().empty());
}

TEST(ErrorFromStatus, HasTheCodeOfTheStatus) {
    EXPECT_TRUE(error_from_status(R"({"kind": "Status", "code": 410})").is_gone());
    EXPECT_EQ(error_from_status("nonsense").code(), 500);
}

}  // namespace
}  // namespace chatflow::kube
