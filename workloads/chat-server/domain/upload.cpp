#include "workloads/chat-server/domain/upload.hpp"

#include "libs/base/utf8.hpp"
#include "libs/images/image_header.hpp"
#include "workloads/chat-server/domain/uuid.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace chatflow::chat {
namespace {

constexpr std::size_t kIdSize = 36;

struct Type {
    std::string_view extension;
    std::string_view media_type;
};
constexpr std::array<Type, 5> kTypes = {{{"jpg", "image/jpeg"},
                                         {"png", "image/png"},
                                         {"webp", "image/webp"},
                                         {"gif", "image/gif"},
                                         {"pdf", "application/pdf"}}};

std::string_view extension_of(images::ImageFormat format) {
    using enum images::ImageFormat;
    switch (format) {
        case Jpeg:
            return "jpg";
        case Png:
            return "png";
        case WebP:
            return "webp";
        case Gif:
            return "gif";
    }
    return {};
}

std::string_view media_type_of(std::string_view extension) {
    const auto type = std::ranges::find(kTypes, extension, &Type::extension);
    return type == kTypes.end() ? std::string_view{} : type->media_type;
}

std::expected<FileKind, std::string> kind_by_content(std::string_view content) {
    if (content.starts_with("%PDF-")) {
        return FileKind{.media_type = "application/pdf", .extension = "pdf"};
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(content.data());
    const auto header = images::parse_image_header(std::span(bytes, content.size()));
    if (!header) return std::unexpected(header.error());
    const std::string_view extension = extension_of(header->format);
    return FileKind{.media_type = media_type_of(extension),
                    .extension = extension,
                    .has_thumbnails = header->format == images::ImageFormat::Jpeg ||
                                      header->format == images::ImageFormat::Png,
                    .width = header->width,
                    .height = header->height};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::expected<FileKind, std::string> kind_of(std::string_view content, std::string_view declared) {
    auto kind = kind_by_content(content);
    if (!kind || declared.empty() || declared == "application/octet-stream" ||
        declared == kind->media_type) {
        return kind;
    }
    return std::unexpected("is said to be " + std::string(declared.substr(0, kFileNameMax)) +
                           ", but its content is " + std::string(kind->media_type));
}

std::string harmless_name(std::string_view name) {
    if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos) {
        name.remove_prefix(slash + 1);
    }
    if (name.size() > kFileNameMax || !is_utf8(name)) return "file";
    std::string harmless;
    for (const char c : name) {
        const bool is_odd = static_cast<unsigned char>(c) < ' ' || c == '\x7f' || c == '"';
        harmless += is_odd ? '_' : c;
    }
    const bool is_all_dots = harmless.find_first_not_of('.') == std::string::npos;
    return is_all_dots ? "file" : harmless;
}

std::string path_of(const Upload& upload) {
    return upload.id.substr(upload.id.size() - 2) + "/" + upload.id + "." + upload.extension;
}

std::string path_of_name(std::string_view name) {
    if (name.size() <= kIdSize || !is_uuid(name.substr(0, kIdSize))) return {};
    std::string_view rest = name.substr(kIdSize);
    if (!rest.starts_with('.')) return {};
    rest.remove_prefix(1);
    const auto dot = rest.find('.');
    if (dot != std::string_view::npos) {  // a thumbnail
        const std::string_view size = rest.substr(0, dot);
        if (size.empty() || size.size() > 4 || !std::ranges::all_of(size, is_digit)) return {};
        rest.remove_prefix(dot + 1);
        if (rest != "jpg") return {};
    }
    if (media_type_of(rest).empty()) return {};
    return std::string(name.substr(kIdSize - 2, 2)) + "/" + std::string(name);
}

std::string_view media_type_of_name(std::string_view name) {
    return media_type_of(name.substr(name.rfind('.') + 1));
}

}  // namespace chatflow::chat
