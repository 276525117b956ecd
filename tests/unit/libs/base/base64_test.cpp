#include "libs/base/base64.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

TEST(Base64, KnowsTheVectorsOfRfc4648) {
    for (const auto& [plain, encoded] : {std::pair{"", ""},
                                         {"f", "Zg=="},
                                         {"fo", "Zm8="},
                                         {"foo", "Zm9v"},
                                         {"foob", "Zm9vYg=="},
                                         {"fooba", "Zm9vYmE="},
                                         {"foobar", "Zm9vYmFy"}}) {
        EXPECT_EQ(encode_base64(plain), encoded);
        EXPECT_EQ(decode_base64(encoded), plain);
    }
}

TEST(Base64, ReadsWhatItWrites) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
        EXPECT_EQ(decode_base64url(encode_base64url(bytes)), bytes);
        bytes += static_cast<char>(i);
    }
}

TEST(Base64, MayComeWithoutPaddingButNotAsOtherText) {
    EXPECT_EQ(decode_base64("Zg"), "f");
    for (const char* bad : {"*", "Zg=", "Z", "Zg==Zg==", "Zm9v=", "====", "Zm-v", "Zm9v\n"}) {
        EXPECT_EQ(decode_base64(bad), std::nullopt) << bad;
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
}  // namespace chatflow
