// Runs in the child process alone.
#include "libs/images/image_header.hpp"
#include "workloads/worker/pictures/decode.hpp"
#include "workloads/worker/processors/child.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <turbojpeg.h>

namespace chatflow::worker {
namespace {

using images::kImageBytesMax;
using images::parse_image_header;

constexpr int kQuality = 82;

void limit(int resource, rlim_t most) {
    const rlimit bound{.rlim_cur = most, .rlim_max = most};
    setrlimit(static_cast<__rlimit_resource>(resource), &bound);
}

// Nothing that a decoder could be made to do reaches beyond this process.
void lock_up() {
    limit(RLIMIT_CPU, kChildSecondsMax);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CORE, 0);
    // A sanitizer's shadow alone is larger, and in the end it looks for leaks by another process.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    limit(RLIMIT_AS, kChildMemoryMax);
    limit(RLIMIT_NOFILE, 3);
    limit(RLIMIT_NPROC, 0);
#endif
}

std::vector<std::uint8_t> read_input() {
    std::vector<std::uint8_t> bytes(kImageBytesMax + 1);
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), stdin));
    return bytes;
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
    const Decoded picture = decode_picture(bytes, *header, size);
    if (!picture) return refuse(picture.error());
    // The metadata stays behind: only pixels are written.
    if (!write_jpeg(turn(shrink(*picture, size), header->orientation))) {
        return refuse("the small picture could not be written");
    }
    return EXIT_SUCCESS;
}

}  // namespace chatflow::worker
