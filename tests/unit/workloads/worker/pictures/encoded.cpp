#include "tests/unit/workloads/worker/pictures/encoded.hpp"

#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <gif_lib.h>
#include <webp/encode.h>
#include <webp/mux.h>

namespace chatflow::worker::test {
namespace {

void expect(bool holds) {
    if (!holds) throw std::runtime_error("the picture could not be made");
}

Bytes rgba(const Halves& halves) {
    Bytes pixels;
    for (int y = 0; y < halves.height; ++y) {
        for (int x = 0; x < halves.width; ++x) {
            const Color color = x < halves.width / 2 ? halves.left : halves.right;
            pixels.insert(pixels.end(), {color.red, color.green, color.blue, color.alpha});
        }
    }
    return pixels;
}

struct Destination {
    Bytes bytes;
};

int write_some(GifFileType* file, const GifByteType* from, int count) {
    auto& bytes = static_cast<Destination*>(file->UserData)->bytes;
    bytes.insert(bytes.end(), from, from + count);
    return count;
}

}  // namespace

Bytes webp(const Halves& halves, bool is_lossless) {
    const Bytes pixels = rgba(halves);
    std::uint8_t* out = nullptr;
    const int stride = halves.width * 4;
    const std::size_t size =
        is_lossless
            ? WebPEncodeLosslessRGBA(pixels.data(), halves.width, halves.height, stride, &out)
            : WebPEncodeRGBA(pixels.data(), halves.width, halves.height, stride, 90, &out);
    expect(size > 0);
    const std::unique_ptr<std::uint8_t, void (*)(void*)> release(out, WebPFree);
    return {out, out + size};
}

Bytes webp_held(const Halves& halves, unsigned orientation) {
    using namespace std::string_view_literals;
    const Bytes picture = webp(halves);
    const WebPData image{.bytes = picture.data(), .size = picture.size()};
    const std::unique_ptr<WebPMux, void (*)(WebPMux*)> mux(WebPMuxCreate(&image, 1), WebPMuxDelete);
    constexpr auto kTiff = "MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\0\0\0\0\0\0\0"sv;
    Bytes exif(kTiff.begin(), kTiff.end());
    exif.at(19) = static_cast<std::uint8_t>(orientation);
    const WebPData chunk{.bytes = exif.data(), .size = exif.size()};
    expect(WebPMuxSetChunk(mux.get(), "EXIF", &chunk, 1) == WEBP_MUX_OK);
    WebPData whole{};
    expect(WebPMuxAssemble(mux.get(), &whole) == WEBP_MUX_OK);
    Bytes bytes(whole.bytes, whole.bytes + whole.size);
    WebPDataClear(&whole);
    return bytes;
}

Bytes animated_webp(const std::vector<Halves>& frames) {
    WebPAnimEncoderOptions options;
    expect(WebPAnimEncoderOptionsInit(&options) != 0);
    const std::unique_ptr<WebPAnimEncoder, void (*)(WebPAnimEncoder*)> encoder(
        WebPAnimEncoderNew(frames.front().width, frames.front().height, &options),
        WebPAnimEncoderDelete);
    int at_millisecond = 0;
    WebPConfig config;
    expect(WebPConfigInit(&config) != 0);
    config.lossless = 1;
    for (const Halves& frame : frames) {
        WebPPicture picture;
        expect(WebPPictureInit(&picture) != 0);
        picture.use_argb = 1;
        picture.width = frame.width;
        picture.height = frame.height;
        const Bytes pixels = rgba(frame);
        expect(WebPPictureImportRGBA(&picture, pixels.data(), frame.width * 4) != 0);
        expect(WebPAnimEncoderAdd(encoder.get(), &picture, at_millisecond, &config) != 0);
        WebPPictureFree(&picture);
        at_millisecond += 100;
    }
    expect(WebPAnimEncoderAdd(encoder.get(), nullptr, at_millisecond, nullptr) != 0);
    WebPData whole{};
    expect(WebPAnimEncoderAssemble(encoder.get(), &whole) != 0);
    Bytes bytes(whole.bytes, whole.bytes + whole.size);
    WebPDataClear(&whole);
    return bytes;
}

Bytes gif(int width, int height, const std::vector<GifFrame>& frames) {
    constexpr std::array<Color, 4> kColors = {kClear, kRed, kBlue, Color{9, 9, 9}};
    constexpr int kTransparent = 0;
    Destination to;
    int error = 0;
    GifFileType* const file = EGifOpen(&to, write_some, &error);
    expect(file != nullptr);
    EGifSetGifVersion(file, true);
    ColorMapObject* const colors = GifMakeMapObject(kColors.size(), nullptr);
    for (std::size_t i = 0; i < kColors.size(); ++i) {
        colors->Colors[i] = {kColors.at(i).red, kColors.at(i).green, kColors.at(i).blue};
    }
    expect(EGifPutScreenDesc(file, width, height, 8, 0, colors) == GIF_OK);
    GifFreeMapObject(colors);
    for (const GifFrame& frame : frames) {
        const GraphicsControlBlock control{.DisposalMode = 0,
                                           .UserInputFlag = false,
                                           .DelayTime = 10,
                                           .TransparentColor = kTransparent};
        std::array<GifByteType, 4> block{};
        EGifGCBToExtension(&control, block.data());
        expect(EGifPutExtension(file, GRAPHICS_EXT_FUNC_CODE, 4, block.data()) == GIF_OK);
        const Halves& halves = frame.halves;
        expect(EGifPutImageDesc(file, frame.left, frame.top, halves.width, halves.height,
                                frame.is_interlaced, nullptr) == GIF_OK);
        for (int y = 0; y < halves.height; ++y) {
            std::vector<GifPixelType> row;
            for (int x = 0; x < halves.width; ++x) {
                const Color color = x < halves.width / 2 ? halves.left : halves.right;
                row.push_back(color == kRed ? 1 : color == kBlue ? 2 : kTransparent);
            }
            expect(EGifPutLine(file, row.data(), halves.width) == GIF_OK);
        }
    }
    EGifCloseFile(file, nullptr);
    return std::move(to.bytes);
}

}  // namespace chatflow::worker::test
