#include "workloads/chat-server/http/finisher.hpp"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>
#include <zlib.h>

namespace chatflow::chat {
namespace {

using http::HeaderView;
using http::Request;
using http::Response;

Request a_get(std::vector<HeaderView> headers = {}) {
    Request request;
    request.headers = std::move(headers);
    return request;
}

std::string header_of(const Response& response, std::string_view name) {
    const auto found =
        std::ranges::find(response.headers, name, &std::pair<std::string_view, std::string>::first);
    return found == response.headers.end() ? "" : found->second;
}

Response finished(const Request& request, Response response,
                  std::vector<std::string> origins = {}) {
    Finisher(std::move(origins)).finish(request, response);
    return response;
}

std::string inflated(const std::string& text) {
    std::string out(100'000, '\0');
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    inflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

TEST(Finisher, ProtectsEveryResponse) {
    const Response refused = finished(a_get(), http::text(404, "no"));
    EXPECT_EQ(header_of(refused, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header_of(refused, "Cache-Control"), "no-store");
    EXPECT_FALSE(header_of(refused, "Content-Security-Policy").empty());
    Response own = http::json(200, "{}");
    own.headers.emplace_back("Cache-Control", "public, max-age=60");
    EXPECT_EQ(header_of(finished(a_get(), own), "Cache-Control"), "public, max-age=60");
}

TEST(Finisher, AnswersWhatIsKnownWith304) {
    const Response first = finished(a_get(), http::json(200, R"({"a":1})"));
    const std::string tag = header_of(first, "ETag");
    ASSERT_TRUE(tag.starts_with("W/\"")) << tag;
    const Request again = a_get({{"if-none-match", tag}});
    const Response second = finished(again, http::json(200, R"({"a":1})"));
    EXPECT_EQ(second.status, 304);
    EXPECT_TRUE(second.body.empty());
    EXPECT_TRUE(second.content_type.empty());
    EXPECT_EQ(header_of(second, "ETag"), tag);
    EXPECT_EQ(finished(again, http::json(200, R"({"a":2})")).status, 200);
    Request post = again;
    post.method = http::Method::Post;
    EXPECT_EQ(finished(post, http::json(200, R"({"a":1})")).status, 200);
    EXPECT_EQ(finished(again, http::json(404, R"({"a":1})")).status, 404);
}

TEST(Finisher, CompressesLongTextsForThoseWhoTakeIt) {
    const std::string text(5'000, 'x');
    const Request takes = a_get({{"Accept-Encoding", "br, gzip;q=0.5"}});
    const Response response = finished(takes, http::json(200, text));
    EXPECT_EQ(header_of(response, "Content-Encoding"), "gzip");
    EXPECT_EQ(header_of(response, "Vary"), "Accept-Encoding");
    EXPECT_LT(response.body.size(), 100U);
    EXPECT_EQ(inflated(response.body), text);
    EXPECT_EQ(finished(a_get(), http::json(200, text)).body, text);
    EXPECT_EQ(finished(takes, http::json(200, "{}")).body, "{}");
    Response picture{.status = 200, .content_type = "image/png", .body = text};
    EXPECT_EQ(finished(takes, picture).body, text);
}

TEST(Finisher, LetsPagesOfAllowedOriginsReadAnswers) {
    const std::vector<std::string> origins = {"https://chat.example"};
    const auto allowed = [&](const char* origin, const std::vector<std::string>& of) {
        return header_of(finished(a_get({{"Origin", origin}}), http::json(200, "{}"), of),
                         "Access-Control-Allow-Origin");
    };
    EXPECT_EQ(allowed("https://chat.example", origins), "https://chat.example");
    EXPECT_EQ(allowed("https://chat.example.evil", origins), "");
    EXPECT_EQ(allowed("https://chat.example", {}), "");
    EXPECT_EQ(allowed("https://any.example", {"*"}), "https://any.example");

    Request preflight =
        a_get({{"Origin", "https://chat.example"}, {"Access-Control-Request-Method", "POST"}});
    preflight.method = http::Method::Options;
    Response options{.status = 204};
    options.headers.emplace_back("Allow", "OPTIONS, POST");
    const Response answer = finished(preflight, options, origins);
    EXPECT_EQ(header_of(answer, "Access-Control-Allow-Methods"), "OPTIONS, POST");
    EXPECT_TRUE(header_of(answer, "Access-Control-Allow-Headers").contains("Idempotency-Key"));
}

TEST(TakesGzip, ReadsQualities) {
    for (const char* header : {"gzip", "deflate, gzip", "gzip;q=1.0", "*", " gzip ; q=0.001"}) {
        EXPECT_TRUE(takes_gzip(header)) << header;
    }
    for (const char* header :
         {"", "deflate", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *"}) {
        EXPECT_FALSE(takes_gzip(header)) << header;
    }
}

TEST(NamesTag, ComparesWeakly) {
    EXPECT_TRUE(names_tag(R"(W/"a")", R"(W/"a")"));
    EXPECT_TRUE(names_tag(R"("x", "a")", R"(W/"a")"));
    EXPECT_TRUE(names_tag("*", R"("a")"));
    EXPECT_FALSE(names_tag(R"("b")", R"("a")"));
    EXPECT_FALSE(names_tag("", R"("a")"));
}

}  // namespace
}  // namespace chatflow::chat
