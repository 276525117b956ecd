#include "workloads/worker/pictures/decode.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include <gif_lib.h>

namespace chatflow::worker {
namespace {

struct Input {
    EncodedPicture bytes;
    std::size_t at = 0;
};

int read_some(GifFileType* file, GifByteType* to, int wanted) {
    Input& input = *static_cast<Input*>(file->UserData);
    const std::size_t count =
        std::min(static_cast<std::size_t>(std::max(wanted, 0)), input.bytes.size() - input.at);
    std::copy_n(input.bytes.data() + input.at, count, to);
    input.at += count;
    return static_cast<int>(count);
}

struct Closer {
    void operator()(GifFileType* file) const { DGifCloseFile(file, nullptr); }
};
using File = std::unique_ptr<GifFileType, Closer>;

std::string damage_of(const GifFileType& file) {
    const char* const text = GifErrorString(file.Error);
    return std::string("the picture is damaged: ") + (text == nullptr ? "it is cut off" : text);
}

// Skips an extension; remembers which colour is transparent.
bool take_extension(GifFileType& file, int& transparent) {
    int code = 0;
    GifByteType* block = nullptr;
    if (DGifGetExtension(&file, &code, &block) == GIF_ERROR) return false;
    while (block != nullptr) {
        GraphicsControlBlock control{};
        // The first octet is the block's length.
        if (code == GRAPHICS_EXT_FUNC_CODE && block[0] == 4 &&
            DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
            transparent = control.TransparentColor;
        }
        if (DGifGetExtensionNext(&file, &block) == GIF_ERROR) return false;
    }
    return true;
}

void draw_row(const std::vector<GifPixelType>& row, std::size_t left, std::size_t y,
              const ColorMapObject& colors, int transparent, Picture& canvas) {
    for (std::size_t x = 0; x < row.size() && left + x < canvas.width; ++x) {
        const int index = row[x];
        if (index == transparent || index >= colors.ColorCount) continue;
        const GifColorType& color = colors.Colors[index];
        std::uint8_t* const to = canvas.at(left + x, y);
        to[0] = color.Red;
        to[1] = color.Green;
        to[2] = color.Blue;
    }
}

// What goes wrong; nothing when the frame is drawn.
std::optional<std::string> draw_frame(GifFileType& file, int transparent, Picture& canvas) {
    if (DGifGetImageDesc(&file) == GIF_ERROR) return damage_of(file);
    const GifImageDesc& frame = file.Image;
    const ColorMapObject* const colors = frame.ColorMap ? frame.ColorMap : file.SColorMap;
    if (colors == nullptr) return "the picture is damaged: it has no colours";
    if (frame.Left < 0 || frame.Top < 0 || frame.Width <= 0 || frame.Height <= 0) {
        return "the picture is damaged: its frame is empty";
    }
    const auto width = static_cast<std::size_t>(frame.Width);
    const auto height = static_cast<std::size_t>(frame.Height);
    if (width * height > images::kPixelsMax) return "the picture's frame has too many pixels";
    std::vector<GifPixelType> row(width);
    struct Pass {
        std::size_t first;
        std::size_t step;
    };
    constexpr std::array<Pass, 4> kInterlaced = {{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
    constexpr std::array<Pass, 1> kPlain = {{{0, 1}}};
    const auto passes = frame.Interlace ? std::span<const Pass>(kInterlaced) : kPlain;
    for (const Pass pass : passes) {
        for (std::size_t y = pass.first; y < height; y += pass.step) {
            if (DGifGetLine(&file, row.data(), frame.Width) == GIF_ERROR) return damage_of(file);
            const std::size_t at = static_cast<std::size_t>(frame.Top) + y;
            if (at >= canvas.height) continue;
            draw_row(row, static_cast<std::size_t>(frame.Left), at, *colors, transparent, canvas);
        }
    }
    return std::nullopt;
}

}  // namespace

Decoded decode_gif(EncodedPicture bytes) {
    Input input{.bytes = bytes};
    int error = 0;
    const File file(DGifOpen(&input, read_some, &error));
    if (!file) return std::unexpected("the picture is cut off or damaged");
    Picture canvas{.width = static_cast<std::size_t>(std::max(file->SWidth, 0)),
                   .height = static_cast<std::size_t>(std::max(file->SHeight, 0)),
                   .pixels = {}};
    if (canvas.width * canvas.height == 0 || canvas.width * canvas.height > images::kPixelsMax) {
        return std::unexpected("the picture has another size than its header says");
    }
    canvas.pixels.assign(canvas.width * canvas.height * 3, 255);
    int transparent = NO_TRANSPARENT_COLOR;
    for (;;) {
        GifRecordType record = UNDEFINED_RECORD_TYPE;
        if (DGifGetRecordType(file.get(), &record) == GIF_ERROR) {
            return std::unexpected(damage_of(*file));
        }
        if (record == IMAGE_DESC_RECORD_TYPE) {
            if (auto damage = draw_frame(*file, transparent, canvas)) {
                return std::unexpected(*std::move(damage));
            }
            return canvas;
        }
        if (record == TERMINATE_RECORD_TYPE) return std::unexpected("the picture has no frame");
        if (record == EXTENSION_RECORD_TYPE && !take_extension(*file, transparent)) {
            return std::unexpected(damage_of(*file));
        }
    }
}

}  // namespace chatflow::worker
