#include "libs/http/url.hpp"

#include "libs/base/percent_encode.hpp"

#include <gtest/gtest.h>

namespace chatflow::http {
namespace {

TEST(PercentDecode, ReplacesEscapes) {
    EXPECT_EQ(percent_decode("a%20b%2fc", PlusSign::Literal), "a b/c");
    EXPECT_EQ(percent_decode("%E2%82%AC", PlusSign::Literal), "€");
}

TEST(PercentDecode, TakesPlusForASpaceOnlyInQueries) {
    EXPECT_EQ(percent_decode("a+b", PlusSign::Literal), "a+b");
    EXPECT_EQ(percent_decode("a+b", PlusSign::MeansSpace), "a b");
}

TEST(PercentDecode, RefusesBrokenEscapes) {
    for (const auto* text : {"%", "%4", "a%zz", "%g0", "%-1"}) {
        EXPECT_EQ(percent_decode(text, PlusSign::Literal), std::nullopt) << text;
    }
}

TEST(PercentEncode, IsUndoneByDecode) {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    EXPECT_EQ(percent_decode(percent_encode(all), PlusSign::MeansSpace), all);
    EXPECT_EQ(percent_encode("a-b_c.d~1"), "a-b_c.d~1");
    EXPECT_EQ(percent_encode("a/b?c"), "a%2Fb%3Fc");
}

TEST(HttpUrl, IsTakenApart) {
    EXPECT_EQ(parse_http_url("http://keys"), (HttpUrl{.host = "keys"}));
    EXPECT_EQ(
        parse_http_url("https://a.example/jwks.json?v=1#x"),
        (HttpUrl{.is_tls = true, .host = "a.example", .port = 443, .target = "/jwks.json?v=1"}));
    EXPECT_EQ(parse_http_url("http://[::1]:8080?v=1"),
              (HttpUrl{.host = "::1", .port = 8080, .target = "/?v=1"}));
}

TEST(HttpUrl, IsRefusedWhenItLeadsNowhere) {
    for (const auto* text : {"", "keys", "ftp://keys", "http://", "http:///path", "http://a:0",
                             "http://a:65536", "http://a:", "http://[::1", "http://[::1]x",
                             "http://user:word@a", "http://a/ b", "HTTP://a"}) {
        EXPECT_EQ(parse_http_url(text), std::nullopt) << text;
    }
    EXPECT_EQ(parse_http_url("http://a/" + std::string(kUrlBytesMax, 'a')), std::nullopt);
}

}  // namespace
}  // namespace chatflow::http
