#include "workloads/worker/pictures/decode.hpp"

#include <algorithm>
#include <memory>

#include <png.h>
#include <turbojpeg.h>

namespace chatflow::worker {

Decoded decode_picture(EncodedPicture bytes, const images::ImageHeader& header, unsigned size) {
    switch (header.format) {
        case images::ImageFormat::Jpeg:
            return decode_jpeg(bytes, header, size);
        case images::ImageFormat::Png:
            return decode_png(bytes);
        case images::ImageFormat::WebP:
            return decode_webp(bytes, size);
        case images::ImageFormat::Gif:
            return decode_gif(bytes);
    }
    return std::unexpected("this is no JPEG, PNG, WebP or GIF");
}

Decoded decode_jpeg(EncodedPicture bytes, const images::ImageHeader& header, unsigned size) {
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

Decoded decode_png(EncodedPicture bytes) {
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

}  // namespace chatflow::worker
