#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>

namespace chatflow::images {

enum class ImageFormat { Jpeg, Png, WebP, Gif };

/// What the first bytes of a picture say, before anything is decoded.
struct ImageHeader {
    ImageFormat format = ImageFormat::Jpeg;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    unsigned orientation = 1;  // EXIF: 1 upright … 8; of JPEG and WebP

    bool operator==(const ImageHeader&) const = default;
};

/// More pixels than a phone's camera makes, and a decoder needs at most 4 bytes of each.
inline constexpr std::uint64_t kPixelsMax = 50'000'000;
inline constexpr std::size_t kImageBytesMax = 32U << 20U;

/// Reads the header. The error says what is wrong, and is the end of the job: no picture we know,
/// cut off, empty, or larger than kPixelsMax. Never reads beyond `bytes`.
[[nodiscard]] std::expected<ImageHeader, std::string> parse_image_header(
    std::span<const std::uint8_t> bytes);

}  // namespace chatflow::images
