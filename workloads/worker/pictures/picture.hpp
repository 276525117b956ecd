#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chatflow::worker {

/// Pixels and nothing else: what a picture says about itself stays behind.
struct Picture {
    std::size_t width = 0;
    std::size_t height = 0;
    std::vector<std::uint8_t> pixels;  // RGB

    [[nodiscard]] const std::uint8_t* at(std::size_t x, std::size_t y) const {
        return pixels.data() + (y * width + x) * 3;
    }
    [[nodiscard]] std::uint8_t* at(std::size_t x, std::size_t y) {
        return pixels.data() + (y * width + x) * 3;
    }

    bool operator==(const Picture&) const = default;
};

}  // namespace chatflow::worker
