// Runs in the child process alone.
#include "libs/images/image_header.hpp"
#include "workloads/worker/processors/child.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include <png.h>
#include <sys/resource.h>
#include <turbojpeg.h>

namespace chatflow::worker {
namespace {

using images::ImageFormat;
using images::ImageHeader;
using images::kImageBytesMax;
using images::parse_image_header;

constexpr int kQuality = 82;

struct Picture {
    std::size_t width = 0;
    std::size_t height = 0;
    std::vector<std::uint8_t> pixels;  // RGB

    [[nodiscard]] const std::uint8_t* at(std::size_t x, std::size_t y) const {
        return pixels.data() + (y * width + x) * 3;
    }
};
using Decoded = std::expected<Picture, std::string>;

void limit(int resource, rlim_t most) {
    const rlimit bound{.rlim_cur = most, .rlim_max = most};
    setrlimit(static_cast<__rlimit_resource>(resource), &bound);
}

// Nothing that a decoder could be made to do reaches beyond this process.
void lock_up() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    limit(RLIMIT_AS, kChildMemoryMax);  // a sanitizer's shadow alone is larger
#endif
    limit(RLIMIT_CPU, kChildSecondsMax);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, 3);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_CORE, 0);
}

std::vector<std::uint8_t> read_input() {
    std::vector<std::uint8_t> bytes(kImageBytesMax + 1);
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), stdin));
    return bytes;
}

Decoded decode_jpeg(const std::vector<std::uint8_t>& bytes, const ImageHeader& header,
                    unsigned size) {
    const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), tjDestroy);
    int count = 0;
    const tjscalingfactor* const factors = tjGetScalingFactors(&count);
    const auto longer = static_cast<int>(std::max(header.width, header.height));
    tjscalingfactor best{1, 1};
    for (int i = 0; i < count; ++i) {
        // The smallest that is not smaller than what is wanted.
        const int scaled = TJSCALED(longer, factors[i]);
        if (scaled >= static_cast<int>(size) && scaled < TJSCALED(longer, best)) best = factors[i];
    }
    Picture picture;
    picture.width = static_cast<std::size_t>(TJSCALED(static_cast<int>(header.width), best));
    picture.height = static_cast<std::size_t>(TJSCALED(static_cast<int>(header.height), best));
    picture.pixels.resize(picture.width * picture.height * 3);
    const int result = tjDecompress2(decoder.get(), bytes.data(), bytes.size(),
                                     picture.pixels.data(), static_cast<int>(picture.width), 0,
                                     static_cast<int>(picture.height), TJPF_RGB, 0);
    if (result != 0 && tjGetErrorCode(decoder.get()) == TJERR_FATAL) {
        return std::unexpected(std::string("the picture is damaged: ") +
                               tjGetErrorStr2(decoder.get()));
    }
    return picture;
}

Decoded decode_png(const std::vector<std::uint8_t>& bytes) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) {
        return std::unexpected(std::string("the picture is damaged: ") + image.message);
    }
    image.format = PNG_FORMAT_RGB;
    Picture picture{.width = image.width, .height = image.height, .pixels = {}};
    picture.pixels.resize(PNG_IMAGE_SIZE(image));
    png_color white{255, 255, 255};
    if (png_image_finish_read(&image, &white, picture.pixels.data(), 0, nullptr) == 0) {
        png_image_free(&image);
        return std::unexpected(std::string("the picture is damaged: ") + image.message);
    }
    return picture;
}

// Each new pixel is the mean of those it covers.
Picture shrink(const Picture& from, unsigned size) {
    const std::size_t longer = std::max(from.width, from.height);
    if (longer <= size) return from;
    Picture to{.width = std::max<std::size_t>(from.width * size / longer, 1),
               .height = std::max<std::size_t>(from.height * size / longer, 1),
               .pixels = {}};
    to.pixels.reserve(to.width * to.height * 3);
    for (std::size_t y = 0; y < to.height; ++y) {
        const std::size_t top = y * from.height / to.height;
        const std::size_t bottom = std::max((y + 1) * from.height / to.height, top + 1);
        for (std::size_t x = 0; x < to.width; ++x) {
            const std::size_t left = x * from.width / to.width;
            const std::size_t right = std::max((x + 1) * from.width / to.width, left + 1);
            std::array<std::size_t, 3> sum{};
            for (std::size_t v = top; v < bottom; ++v) {
                for (std::size_t u = left; u < right; ++u) {
                    for (std::size_t c = 0; c < 3; ++c) sum[c] += from.at(u, v)[c];
                }
            }
            const std::size_t count = (bottom - top) * (right - left);
            for (const std::size_t total : sum) {
                to.pixels.push_back(static_cast<std::uint8_t>(total / count));
            }
        }
    }
    return to;
}

// As EXIF says it was held: 2 mirrored, 3 upside down, 6 and 8 on its side, and their mirror
// images.
Picture turn(const Picture& from, unsigned orientation) {
    if (orientation <= 1) return from;
    const bool is_on_side = orientation >= 5;
    Picture to{.width = is_on_side ? from.height : from.width,
               .height = is_on_side ? from.width : from.height,
               .pixels = {}};
    to.pixels.reserve(from.pixels.size());
    const bool flips_x =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool flips_y =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    for (std::size_t y = 0; y < to.height; ++y) {
        for (std::size_t x = 0; x < to.width; ++x) {
            std::size_t u = is_on_side ? y : x;
            std::size_t v = is_on_side ? x : y;
            if (flips_x) u = from.width - 1 - u;
            if (flips_y) v = from.height - 1 - v;
            to.pixels.insert(to.pixels.end(), from.at(u, v), from.at(u, v) + 3);
        }
    }
    return to;
}

bool write_jpeg(const Picture& picture) {
    const std::unique_ptr<void, int (*)(tjhandle)> encoder(tjInitCompress(), tjDestroy);
    unsigned char* bytes = nullptr;
    unsigned long length = 0;
    const int result = tjCompress2(
        encoder.get(), picture.pixels.data(), static_cast<int>(picture.width), 0,
        static_cast<int>(picture.height), TJPF_RGB, &bytes, &length, TJSAMP_420, kQuality, 0);
    const bool is_written =
        result == 0 && std::fwrite(bytes, 1, length, stdout) == length && std::fflush(stdout) == 0;
    tjFree(bytes);
    return is_written;
}

int refuse(const std::string& reason) {
    std::fputs(reason.c_str(), stderr);
    return EXIT_FAILURE;
}

}  // namespace

int make_thumbnail_in_child(unsigned size) {
    lock_up();
    const std::vector<std::uint8_t> bytes = read_input();
    if (bytes.size() > kImageBytesMax) return refuse("the picture has more than 32 MiB");
    const auto header = parse_image_header(bytes);
    if (!header) return refuse(header.error());
    Decoded picture = std::unexpected("pictures of this format are not made small");
    if (header->format == ImageFormat::Jpeg) picture = decode_jpeg(bytes, *header, size);
    if (header->format == ImageFormat::Png) picture = decode_png(bytes);
    if (!picture) return refuse(picture.error());
    // The metadata stays behind: only pixels are written.
    if (!write_jpeg(turn(shrink(*picture, size), header->orientation))) {
        return refuse("the small picture could not be written");
    }
    return EXIT_SUCCESS;
}

}  // namespace chatflow::worker
