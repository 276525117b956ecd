#include "workloads/worker/pictures/decode.hpp"

#include <algorithm>
#include <memory>

#include <webp/decode.h>
#include <webp/demux.h>

namespace chatflow::worker {
namespace {

constexpr unsigned kOpaque = 255;

struct Frame {
    std::size_t width = 0;
    std::size_t height = 0;
    std::vector<std::uint8_t> pixels;  // RGBA
};

// Of what is a whole picture within `canvas`, of which `size` is wanted.
std::size_t scaled(std::size_t length, std::size_t canvas, std::size_t size) {
    return canvas <= size ? length : std::max<std::size_t>(length * size / canvas, 1);
}

// Made small while it is decoded, so that a large one needs no memory for all of its pixels twice.
std::expected<Frame, std::string> decode_frame(const WebPData& data, std::size_t width,
                                               std::size_t height) {
    Frame frame{.width = width, .height = height, .pixels = {}};
    frame.pixels.resize(width * height * 4);
    WebPDecoderConfig config;
    if (WebPInitDecoderConfig(&config) == 0) return std::unexpected("another libwebp is installed");
    config.options.use_scaling = 1;
    config.options.scaled_width = static_cast<int>(width);
    config.options.scaled_height = static_cast<int>(height);
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = frame.pixels.data();
    config.output.u.RGBA.stride = static_cast<int>(width * 4);
    config.output.u.RGBA.size = frame.pixels.size();
    const VP8StatusCode status = WebPDecode(data.bytes, data.size, &config);
    WebPFreeDecBuffer(&config.output);
    if (status == VP8_STATUS_OUT_OF_MEMORY) return std::unexpected("the picture needs much memory");
    if (status != VP8_STATUS_OK) return std::unexpected("the picture is damaged");
    return frame;
}

void draw(Picture& canvas, const Frame& frame, std::size_t left, std::size_t top) {
    for (std::size_t y = 0; y < frame.height && top + y < canvas.height; ++y) {
        for (std::size_t x = 0; x < frame.width && left + x < canvas.width; ++x) {
            const std::uint8_t* const from = frame.pixels.data() + (y * frame.width + x) * 4;
            const unsigned alpha = from[3];
            std::uint8_t* const to = canvas.at(left + x, top + y);
            for (std::size_t c = 0; c < 3; ++c) {
                const unsigned mixed = from[c] * alpha + to[c] * (kOpaque - alpha);
                to[c] = static_cast<std::uint8_t>((mixed + kOpaque / 2) / kOpaque);
            }
        }
    }
}

}  // namespace

Decoded decode_webp(EncodedPicture bytes, unsigned size) {
    const WebPData data{.bytes = bytes.data(), .size = bytes.size()};
    const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> file(WebPDemux(&data),
                                                                    WebPDemuxDelete);
    if (!file) return std::unexpected("the picture is cut off or damaged");
    const std::size_t width = WebPDemuxGetI(file.get(), WEBP_FF_CANVAS_WIDTH);
    const std::size_t height = WebPDemuxGetI(file.get(), WEBP_FF_CANVAS_HEIGHT);
    if (width == 0 || height == 0 || width * height > images::kPixelsMax) {
        return std::unexpected("the picture has another size than its header says");
    }
    WebPIterator first{};
    if (WebPDemuxGetFrame(file.get(), 1, &first) == 0) {
        return std::unexpected("the picture has no frame");
    }
    const std::unique_ptr<WebPIterator, void (*)(WebPIterator*)> release(&first,
                                                                         WebPDemuxReleaseIterator);
    const std::size_t longer = std::max(width, height);
    const auto small = [&](int length) {
        return scaled(static_cast<std::size_t>(length), longer, size);
    };
    const auto frame = decode_frame(first.fragment, small(first.width), small(first.height));
    if (!frame) return std::unexpected(frame.error());
    Picture picture{
        .width = scaled(width, longer, size), .height = scaled(height, longer, size), .pixels = {}};
    picture.pixels.assign(picture.width * picture.height * 3, kOpaque);
    const auto offset = [&](int length) { return length == 0 ? 0 : small(length); };
    draw(picture, *frame, offset(first.x_offset), offset(first.y_offset));
    return picture;
}

}  // namespace chatflow::worker
