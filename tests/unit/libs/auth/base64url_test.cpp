#include "libs/auth/base64url.hpp"

#include <gtest/gtest.h>

namespace chatflow::auth {
namespace {

TEST(Base64url, ReadsWhatItWrites) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        EXPECT_EQ(decode_base64url(encode_base64url(bytes)), bytes);
        bytes += static_cast<char>(i);
    }
}

TEST(Base64url, KnowsTheVectorsOfRfc4648WithoutPadding) {
    EXPECT_EQ(encode_base64url("f"), "Zg");
    EXPECT_EQ(encode_base64url("fo"), "Zm8");
    EXPECT_EQ(encode_base64url("foo"), "Zm9v");
    EXPECT_EQ(encode_base64url("\xff\xfe"), "__4");
}

TEST(Base64url, RefusesASecondSpellingOfAValue) {
    EXPECT_EQ(decode_base64url("Zg"), "f");
    EXPECT_FALSE(decode_base64url("Zh"));    // the unused bits are not zero
    EXPECT_FALSE(decode_base64url("Zg=="));  // padding
    EXPECT_FALSE(decode_base64url("Zg\n"));
    EXPECT_FALSE(decode_base64url("//4"));  // the alphabet of plain base64
    EXPECT_FALSE(decode_base64url("Z"));
}

}  // namespace
}  // namespace chatflow::auth
