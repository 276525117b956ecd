#include "libs/images/image_header.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace chatflow::images {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Result = std::expected<ImageHeader, std::string>;

constexpr auto kCutOff = "the picture is cut off";

bool begins_with(Bytes bytes, std::size_t at, std::string_view text) {
    if (bytes.size() < at + text.size()) return false;
    return std::equal(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// A number of `size` bytes; nothing beyond the end.
std::optional<std::uint32_t> number(Bytes bytes, std::size_t at, std::size_t size,
                                    bool is_big_endian) {
    if (at > bytes.size() || bytes.size() - at < size) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t from = is_big_endian ? at + i : at + size - 1 - i;
        value = (value << 8U) | bytes[from];
    }
    return value;
}

// The tag 0x0112 of the first directory of a TIFF block; 1 where there is none.
unsigned parse_tiff(Bytes tiff) {
    const bool is_big_endian = begins_with(tiff, 0, "MM");
    if (!is_big_endian && !begins_with(tiff, 0, "II")) return 1;
    const auto directory = number(tiff, 4, 4, is_big_endian);
    if (!directory) return 1;
    const auto entries = number(tiff, *directory, 2, is_big_endian);
    for (std::uint32_t entry = 0; entries && entry < *entries; ++entry) {
        const std::size_t at = std::size_t{*directory} + 2 + std::size_t{entry} * 12;
        const auto tag = number(tiff, at, 2, is_big_endian);
        if (!tag) return 1;
        if (*tag != 0x0112) continue;
        const auto value = number(tiff, at + 8, 2, is_big_endian);
        return value && *value >= 1 && *value <= 8 ? *value : 1;
    }
    return 1;
}

constexpr std::string_view kExif("Exif\0\0", 6);

unsigned parse_orientation(Bytes exif) {
    return begins_with(exif, 0, kExif) ? parse_tiff(exif.subspan(kExif.size())) : 1;
}

bool is_frame(std::uint8_t marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

Result parse_jpeg(Bytes bytes) {
    ImageHeader header{.format = ImageFormat::Jpeg};
    std::size_t at = 2;
    for (;;) {
        if (at + 4 > bytes.size()) return std::unexpected(kCutOff);
        if (bytes[at] != 0xFF) return std::unexpected("the picture is damaged");
        const std::uint8_t marker = bytes[at + 1];
        if (marker == 0xFF) {  // padding
            ++at;
            continue;
        }
        const auto length = number(bytes, at + 2, 2, true);
        if (!length || *length < 2 || bytes.size() - at - 2 < *length) {
            return std::unexpected(kCutOff);
        }
        const Bytes segment = bytes.subspan(at + 4, *length - 2);
        if (marker == 0xE1 && header.orientation == 1) {
            header.orientation = parse_orientation(segment);
        }
        if (is_frame(marker)) {
            const auto height = number(segment, 1, 2, true);
            const auto width = number(segment, 3, 2, true);
            if (!height || !width) return std::unexpected(kCutOff);
            header.width = *width;
            header.height = *height;
            return header;
        }
        if (marker == 0xD9 || marker == 0xDA) return std::unexpected("the picture has no size");
        at += 2 + *length;
    }
}

Result parse_png(Bytes bytes) {
    const auto width = number(bytes, 16, 4, true);
    const auto height = number(bytes, 20, 4, true);
    if (!begins_with(bytes, 12, "IHDR") || !width || !height) return std::unexpected(kCutOff);
    return ImageHeader{.format = ImageFormat::Png, .width = *width, .height = *height};
}

Result parse_gif(Bytes bytes) {
    const auto width = number(bytes, 6, 2, false);
    const auto height = number(bytes, 8, 2, false);
    if (!width || !height) return std::unexpected(kCutOff);
    return ImageHeader{.format = ImageFormat::Gif, .width = *width, .height = *height};
}

// Of the chunk EXIF, which stands behind the pixels, with or without the mark of a JPEG's.
unsigned find_webp_orientation(Bytes bytes) {
    std::size_t at = 12;
    for (;;) {
        const auto length = number(bytes, at + 4, 4, false);
        if (!length || bytes.size() - at - 8 < *length) return 1;
        const Bytes chunk = bytes.subspan(at + 8, *length);
        if (begins_with(bytes, at, "EXIF")) {
            return begins_with(chunk, 0, kExif) ? parse_orientation(chunk) : parse_tiff(chunk);
        }
        at += 8 + std::size_t{*length} + *length % 2;
    }
}

Result parse_webp(Bytes bytes) {
    ImageHeader header{.format = ImageFormat::WebP};
    if (begins_with(bytes, 12, "VP8X")) {
        const auto width = number(bytes, 24, 3, false);
        const auto height = number(bytes, 27, 3, false);
        if (!width || !height) return std::unexpected(kCutOff);
        header.width = *width + 1;
        header.height = *height + 1;
        header.orientation = find_webp_orientation(bytes);
    } else if (begins_with(bytes, 12, "VP8L")) {
        const auto bits = number(bytes, 21, 4, false);
        if (!bits) return std::unexpected(kCutOff);
        header.width = (*bits & 0x3FFFU) + 1;
        header.height = ((*bits >> 14U) & 0x3FFFU) + 1;
    } else {
        const auto width = number(bytes, 26, 2, false);
        const auto height = number(bytes, 28, 2, false);
        if (!begins_with(bytes, 12, "VP8 ") || !width || !height) return std::unexpected(kCutOff);
        header.width = *width & 0x3FFFU;
        header.height = *height & 0x3FFFU;
    }
    return header;
}

Result parse(Bytes bytes) {
    if (begins_with(bytes, 0, "\xFF\xD8\xFF")) return parse_jpeg(bytes);
    if (begins_with(bytes, 0, "\x89PNG\r\n\x1A\n")) return parse_png(bytes);
    if (begins_with(bytes, 0, "GIF87a") || begins_with(bytes, 0, "GIF89a")) return parse_gif(bytes);
    if (begins_with(bytes, 0, "RIFF") && begins_with(bytes, 8, "WEBP")) return parse_webp(bytes);
    return std::unexpected("this is no JPEG, PNG, WebP or GIF");
}

}  // namespace

Result parse_image_header(Bytes bytes) {
    Result header = parse(bytes);
    if (!header) return header;
    if (header->width == 0 || header->height == 0) return std::unexpected("the picture is empty");
    if (std::uint64_t{header->width} * header->height > kPixelsMax) {
        return std::unexpected("the picture has " + std::to_string(header->width) + " x " +
                               std::to_string(header->height) + " pixels, more than " +
                               std::to_string(kPixelsMax));
    }
    return header;
}

}  // namespace chatflow::images
