#include "libs/images/image_header.hpp"

#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::images {
namespace {

using namespace std::string_view_literals;

std::expected<ImageHeader, std::string> parse(std::string_view text) {
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    return parse_image_header(bytes);
}

constexpr auto kPng = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\1\x90\0\0\0\xC8\x08\2\0\0\0"sv;
// With an EXIF block that says orientation 6.
constexpr auto kJpeg =
    "\xFF\xD8\xFF\xE1\0\x22"
    "Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
    "\xFF\xC0\0\x11\x08\0\x64\0\xC8\3"sv;

TEST(ImageHeader, OfEachFormatSaysTheSize) {
    EXPECT_EQ(parse(kPng), (ImageHeader{.format = ImageFormat::Png, .width = 400, .height = 200}));
    EXPECT_EQ(parse("GIF89a\x0A\0\x14\0"sv),
              (ImageHeader{.format = ImageFormat::Gif, .width = 10, .height = 20}));
    EXPECT_EQ(parse("RIFF....WEBPVP8X........\x63\0\0\x31\0\0"sv),
              (ImageHeader{.format = ImageFormat::WebP, .width = 100, .height = 50}));
}

TEST(ImageHeader, OfAJpegSaysHowItWasHeld) {
    std::string jpeg(kJpeg);
    jpeg.append(16, '\0');
    EXPECT_EQ(
        parse(jpeg),
        (ImageHeader{.format = ImageFormat::Jpeg, .width = 200, .height = 100, .orientation = 6}));
}

TEST(ImageHeader, CutOffAnywhereIsAnErrorAndNothingElse) {
    for (const auto whole : {kPng.substr(0, 24), kJpeg}) {
        for (std::size_t length = 0; length < whole.size(); ++length) {
            EXPECT_FALSE(parse(whole.substr(0, length))) << length;
        }
    }
}

TEST(ImageHeader, TooManyPixelsOrNoneAreRefused) {
    const auto bomb = parse("GIF89a\xFF\xFF\xFF\xFF"sv);
    ASSERT_FALSE(bomb);
    EXPECT_THAT(bomb.error(), testing::HasSubstr("65535 x 65535 pixels"));
    EXPECT_EQ(parse("GIF89a\0\0\1\0"sv).error(), "the picture is empty");
    EXPECT_EQ(parse("<svg>").error(), "this is no JPEG, PNG, WebP or GIF");
}

}  // namespace
}  // namespace chatflow::images
