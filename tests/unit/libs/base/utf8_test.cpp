#include "libs/base/utf8.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

TEST(Utf8, IsWhatUnicodeAllows) {
    for (const std::string_view text :
         {"", "plain", "é", "€", "😀", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80"}) {
        EXPECT_TRUE(is_utf8(text)) << text;
        EXPECT_TRUE(is_utf8("more than eight bytes " + std::string(text) + "!")) << text;
    }
}

TEST(Utf8, IsNotWhatIsOverlongCutOffASurrogateOrTooGreat) {
    for (const std::string_view bytes :
         {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98",
          "\xc3("}) {
        EXPECT_FALSE(is_utf8(bytes));
        EXPECT_FALSE(is_utf8("more than eight bytes " + std::string(bytes)));
        EXPECT_FALSE(is_utf8(std::string(bytes) + " and more after it"));
    }
}

}  // namespace
}  // namespace chatflow
