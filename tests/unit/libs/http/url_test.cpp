#include "libs/http/url.hpp"

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

}  // namespace
}  // namespace chatflow::http
