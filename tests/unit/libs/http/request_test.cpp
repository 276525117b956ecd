#include "libs/http/request.hpp"

#include <gtest/gtest.h>

namespace chatflow::http {
namespace {

TEST(Request, FindsHeadersWithoutRegardToCase) {
    Request request;
    request.headers = {{"Content-Type", "a"}, {"X-Id", "1"}, {"x-id", "2"}};
    EXPECT_EQ(request.header("content-TYPE"), "a");
    EXPECT_EQ(request.header("x-id"), "1");
    EXPECT_EQ(request.header("x-i"), std::nullopt);
}

TEST(Request, ReadsAListOverAllItsLines) {
    Request request;
    request.headers = {{"X-Forwarded-For", "a, b"}, {"Host", "x"}, {"x-forwarded-for", "c"}};
    EXPECT_EQ(request.list("X-Forwarded-For"), "a, b, c");
    EXPECT_EQ(request.list("Via"), "");
}

TEST(Request, DecodesQueryValues) {
    Request request;
    request.query = "q=a+b%26c&empty=&flag&q=second&%6eame=x";
    EXPECT_EQ(request.query_value("q"), "a b&c");
    EXPECT_EQ(request.query_value("empty"), "");
    EXPECT_EQ(request.query_value("flag"), "");
    EXPECT_EQ(request.query_value("name"), "x");
    EXPECT_EQ(request.query_value("missing"), std::nullopt);
}

TEST(Request, ComparesMediaTypesWithoutTheirParameters) {
    Request request;
    request.headers = {{"content-type", "Application/JSON ; charset=utf-8"}};
    EXPECT_TRUE(request.has_media_type("application/json"));
    EXPECT_FALSE(request.has_media_type("application/jso"));
    request.headers.clear();
    EXPECT_FALSE(request.has_media_type("application/json"));
}

}  // namespace
}  // namespace chatflow::http
