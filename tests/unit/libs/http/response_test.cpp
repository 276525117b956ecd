#include "libs/http/response.hpp"

#include "libs/http/body_source.hpp"

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::http {
namespace {

std::string written(const Response& response, const ResponseFraming& framing = {}) {
    std::string out;
    append_response(out, response, framing);
    return out;
}

TEST(AppendResponse, WritesStatusHeadersAndBody) {
    Response response = json(200, R"({"ok":true})");
    response.headers.emplace_back("ETag", "\"7\"");
    EXPECT_EQ(written(response, {.date = "Sat, 21 Nov 2026 08:00:00 GMT"}),
              "HTTP/1.1 200 OK\r\n"
              "Date: Sat, 21 Nov 2026 08:00:00 GMT\r\n"
              "Content-Type: application/json\r\n"
              "Content-Length: 11\r\n"
              "ETag: \"7\"\r\n"
              "\r\n"
              R"({"ok":true})");
}

TEST(AppendResponse, SaysWhenTheConnectionEnds) {
    EXPECT_EQ(written({.status = 503}, {.keep_alive = false}),
              "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(AppendResponse, TellsAnOldClientThatTheConnectionStays) {
    EXPECT_EQ(written({.status = 200}, {.is_http_1_0 = true}),
              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(AppendResponse, GivesHeadTheLengthButNotTheBody) {
    const std::string out = written(text(200, "hello"), {.head_only = true});
    EXPECT_NE(out.find("Content-Length: 5\r\n"), std::string::npos);
    EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(AppendResponse, SaysHowABodyEndsThatDoesNotKnowItsSize) {
    struct Endless final : BodySource {
        [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
        [[nodiscard]] awaitable<std::string> next() override { co_return std::string(); }
    };
    const Response response{.source = std::make_shared<Endless>()};
    EXPECT_EQ(written(response), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    EXPECT_EQ(written(response, {.keep_alive = false, .is_http_1_0 = true}),
              "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
}

TEST(AppendResponse, GivesNoBodyWhereHttpForbidsOne) {
    for (const int status : {204, 304}) {
        const std::string out = written({.status = status, .body = "x"});
        EXPECT_EQ(out.find("Content-Length"), std::string::npos) << status;
        EXPECT_TRUE(out.ends_with("\r\n\r\n")) << status;
    }
}

TEST(AppendResponse, LetsNoForeignTextBeginANewHeader) {
    Response response;
    response.headers.emplace_back("Location", "/a\r\nSet-Cookie: stolen=1");
    EXPECT_NE(written(response).find("Location: /a  Set-Cookie: stolen=1\r\n"), std::string::npos);
}

}  // namespace
}  // namespace chatflow::http
