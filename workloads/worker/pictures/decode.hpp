#pragma once

#include "libs/images/image_header.hpp"
#include "workloads/worker/pictures/picture.hpp"

#include <cstdint>
#include <expected>
#include <span>
#include <string>

namespace chatflow::worker {

using EncodedPicture = std::span<const std::uint8_t>;
using Decoded = std::expected<Picture, std::string>;

/// Decodes a picture whose header was read, or a smaller version of it whose longer side still has
/// `size` pixels or more. Of an animation the first frame; what is transparent becomes white. The
/// error says what is wrong with the picture.
///
/// The libraries behind it meet bytes that anybody has sent: for the child process alone, whose
/// memory and time are bounded.
[[nodiscard]] Decoded decode_picture(EncodedPicture bytes, const images::ImageHeader& header,
                                     unsigned size);

// Of each format; `bytes` begin with its signature.
[[nodiscard]] Decoded decode_jpeg(EncodedPicture bytes, const images::ImageHeader& header,
                                  unsigned size);
[[nodiscard]] Decoded decode_png(EncodedPicture bytes);
[[nodiscard]] Decoded decode_webp(EncodedPicture bytes, unsigned size);
[[nodiscard]] Decoded decode_gif(EncodedPicture bytes);

}  // namespace chatflow::worker
