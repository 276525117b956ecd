// The first bytes of an uploaded picture: never read beyond, never more pixels than allowed.
#include "libs/images/image_header.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace chatflow::images;
    const auto header = parse_image_header({data, size});
    if (!header) {
        if (header.error().empty()) std::abort();
        return 0;
    }
    if (std::uint64_t{header->width} * header->height > kPixelsMax) std::abort();
    if (header->orientation < 1 || header->orientation > 8) std::abort();
    return 0;
}
