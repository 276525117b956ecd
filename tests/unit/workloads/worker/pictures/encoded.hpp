#pragma once

#include <cstdint>
#include <vector>

namespace chatflow::worker::test {

using Bytes = std::vector<std::uint8_t>;

struct Color {
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
    std::uint8_t alpha = 255;

    bool operator==(const Color&) const = default;
};

inline constexpr Color kRed{255, 0, 0};
inline constexpr Color kBlue{0, 0, 255};
inline constexpr Color kClear{0, 255, 0, 0};  // green that must not be seen

/// A picture whose left half has one colour and whose right half another.
struct Halves {
    int width = 8;
    int height = 4;
    Color left = kRed;
    Color right = kBlue;
};

[[nodiscard]] Bytes webp(const Halves& halves, bool is_lossless = true);
/// With an EXIF chunk that says how it was held.
[[nodiscard]] Bytes webp_held(const Halves& halves, unsigned orientation);
/// The frames one after the other.
[[nodiscard]] Bytes animated_webp(const std::vector<Halves>& frames);

struct GifFrame {
    Halves halves;
    int left = 0;
    int top = 0;
    bool is_interlaced = false;
};
[[nodiscard]] Bytes gif(int width, int height, const std::vector<GifFrame>& frames);

}  // namespace chatflow::worker::test
