#include "workloads/worker/pictures/decode.hpp"

#include "tests/unit/workloads/worker/pictures/encoded.hpp"

#include <cstdlib>

#include <gmock/gmock.h>

namespace chatflow::worker {
namespace {

using test::Bytes;
using test::Color;
using test::kBlue;
using test::kClear;
using test::kRed;
using testing::HasSubstr;

constexpr unsigned kAnySize = 2048;
constexpr Color kWhite{255, 255, 255};

Color color_at(const Picture& picture, std::size_t x, std::size_t y) {
    const std::uint8_t* const pixel = picture.at(x, y);
    return {pixel[0], pixel[1], pixel[2]};
}

bool is_like(Color a, Color b) {
    const auto distance = [](int x, int y) { return std::abs(x - y); };
    return distance(a.red, b.red) + distance(a.green, b.green) + distance(a.blue, b.blue) < 60;
}

TEST(DecodeWebP, GivesThePixels) {
    const auto picture = decode_webp(test::webp({}), kAnySize);
    ASSERT_TRUE(picture) << picture.error();
    EXPECT_EQ(picture->width, 8U);
    EXPECT_EQ(picture->height, 4U);
    EXPECT_EQ(color_at(*picture, 0, 0), kRed);
    EXPECT_EQ(color_at(*picture, 7, 3), kBlue);
    const auto lossy = decode_webp(test::webp({.width = 64, .height = 64}, false), kAnySize);
    ASSERT_TRUE(lossy);
    EXPECT_TRUE(is_like(color_at(*lossy, 5, 5), kRed));
    EXPECT_TRUE(is_like(color_at(*lossy, 60, 60), kBlue));
}

TEST(DecodeWebP, IsMadeSmallAtOnce) {
    const auto picture = decode_webp(test::webp({.width = 400, .height = 200}), 64);
    ASSERT_TRUE(picture);
    EXPECT_EQ(picture->width, 64U);
    EXPECT_EQ(picture->height, 32U);
    EXPECT_TRUE(is_like(color_at(*picture, 10, 10), kRed));
    EXPECT_TRUE(is_like(color_at(*picture, 50, 10), kBlue));
}

TEST(DecodeWebP, TakesTheFirstFrameOfAnAnimation) {
    const auto picture = decode_webp(
        test::animated_webp({{}, {.left = kBlue, .right = kRed}, {.left = kBlue}}), kAnySize);
    ASSERT_TRUE(picture) << picture.error();
    EXPECT_EQ(color_at(*picture, 0, 0), kRed);
    EXPECT_EQ(color_at(*picture, 7, 0), kBlue);
}

TEST(DecodeWebP, ShowsWhiteWhereItIsTransparent) {
    const auto picture = decode_webp(test::webp({.left = kClear}), kAnySize);
    ASSERT_TRUE(picture);
    EXPECT_EQ(color_at(*picture, 0, 0), kWhite);
    EXPECT_EQ(color_at(*picture, 7, 0), kBlue);
}

TEST(DecodeWebP, HeaderSaysHowItWasHeld) {
    for (unsigned orientation = 1; orientation <= 8; ++orientation) {
        const Bytes bytes = test::webp_held({}, orientation);
        EXPECT_EQ(images::parse_image_header(bytes),
                  (images::ImageHeader{.format = images::ImageFormat::WebP,
                                       .width = 8,
                                       .height = 4,
                                       .orientation = orientation}));
        EXPECT_TRUE(decode_webp(bytes, kAnySize));
    }
    EXPECT_EQ(images::parse_image_header(test::webp_held({}, 9))->orientation, 1U);
}

TEST(DecodeGif, GivesThePixelsOfTheFirstFrame) {
    const Bytes bytes =
        test::gif(8, 4, {{.halves = {}}, {.halves = {.left = kBlue, .right = kBlue}}});
    const auto picture = decode_gif(bytes);
    ASSERT_TRUE(picture) << picture.error();
    EXPECT_EQ(picture->width, 8U);
    EXPECT_EQ(color_at(*picture, 0, 0), kRed);
    EXPECT_EQ(color_at(*picture, 7, 3), kBlue);
    EXPECT_EQ(images::parse_image_header(bytes)->format, images::ImageFormat::Gif);
}

TEST(DecodeGif, OfWhateverOrderOfRowsIsTheSame) {
    const test::Halves tall{.width = 4, .height = 23};
    const auto plain = decode_gif(test::gif(4, 23, {{.halves = tall}}));
    const auto interlaced = decode_gif(test::gif(4, 23, {{.halves = tall, .is_interlaced = true}}));
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain, interlaced);
}

TEST(DecodeGif, ShowsWhiteWhereNothingIsDrawn) {
    const auto picture = decode_gif(test::gif(
        10, 6, {{.halves = {.width = 4, .height = 2, .left = kClear}, .left = 8, .top = 5}}));
    ASSERT_TRUE(picture) << picture.error();
    EXPECT_EQ(color_at(*picture, 0, 0), kWhite);
    EXPECT_EQ(color_at(*picture, 8, 5), kWhite) << "transparent";
    const auto beyond = decode_gif(test::gif(
        10, 6, {{.halves = {.width = 8, .height = 4, .left = kBlue}, .left = 7, .top = 4}}));
    ASSERT_TRUE(beyond) << "what is outside is cut off";
    EXPECT_EQ(color_at(*beyond, 9, 5), kBlue);
}

class HostilePictures : public testing::TestWithParam<Bytes> {};

TEST_P(HostilePictures, CutOffAnywhereOrWithAnyOctetWrongEndInWords) {
    const Bytes whole = GetParam();
    const auto decode = [](const Bytes& bytes) {
        const auto header = images::parse_image_header(bytes);
        if (!header) return;
        const auto picture = decode_picture(bytes, *header, 64);
        if (!picture) {
            EXPECT_FALSE(picture.error().empty());
        } else {
            EXPECT_EQ(picture->pixels.size(), picture->width * picture->height * 3);
        }
    };
    for (std::size_t length = 0; length < whole.size(); ++length) {
        decode({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    }
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
            Bytes wrong = whole;
            wrong[i] = static_cast<std::uint8_t>(wrong[i] ^ flip);
            decode(wrong);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, HostilePictures,
                         testing::Values(test::webp({}), test::webp({}, false),
                                         test::webp_held({}, 6),
                                         test::animated_webp({{}, {.left = kBlue}}),
                                         test::gif(8, 4, {{.halves = {}}, {.halves = {}}}),
                                         test::gif(8, 4, {{.halves = {}, .is_interlaced = true}})));

TEST(DecodeGif, RefusesAFrameThatIsAllOfTheMemory) {
    Bytes bytes = test::gif(8, 4, {{.halves = {}}});
    // Width and height of the frame, behind its mark.
    for (std::size_t i = 0; i + 9 < bytes.size(); ++i) {
        if (bytes[i] != ',') continue;
        for (std::size_t at = i + 5; at < i + 9; ++at) bytes[at] = 0xff;
        break;
    }
    const auto picture = decode_gif(bytes);
    ASSERT_FALSE(picture);
    EXPECT_THAT(picture.error(), HasSubstr("too many pixels"));
}

}  // namespace
}  // namespace chatflow::worker
