#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace chatflow::chat {

constexpr std::size_t kFileNameMax = 255;  // bytes

/// What a file is, by its content.
struct FileKind {
    std::string_view media_type;
    std::string_view extension;  // without the dot
    bool has_thumbnails = false;
    std::uint32_t width = 0;  // pixels; 0: no picture
    std::uint32_t height = 0;

    bool operator==(const FileKind&) const = default;
};

/// Looks at the first bytes, never at the name. The error says why it is not taken: neither a JPEG,
/// PNG, WebP, GIF nor a PDF, cut off, too many pixels, or not what `declared` says ("" and
/// application/octet-stream say nothing).
[[nodiscard]] std::expected<FileKind, std::string> kind_of(std::string_view content,
                                                           std::string_view declared);

/// The last part of a client's file name without what a header or a shell could trip over; "file"
/// when nothing is left.
[[nodiscard]] std::string harmless_name(std::string_view name);

/// A file that was uploaded.
struct Upload {
    std::string id;  // UUID
    std::string owner;
    std::string name;
    std::string media_type;
    std::string extension;
    std::int64_t bytes = 0;
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::string room_id;   // of the message it is attached to; or ""
    std::int64_t seq = 0;  // 0: not attached
    std::string created_at;

    bool operator==(const Upload&) const = default;
};

/// Where a file is kept: "4e/<id>.jpg", by the id's last two digits, so that no folder gets full.
/// A thumbnail is beside it, "4e/<id>.256.jpg".
[[nodiscard]] std::string path_of(const Upload& upload);
/// The same from the name of a file as an address has it, "<id>.jpg" or "<id>.256.jpg". "" for any
/// other text, whatever it is.
[[nodiscard]] std::string path_of_name(std::string_view name);
/// By the ending of a name that path_of_name() takes.
[[nodiscard]] std::string_view media_type_of_name(std::string_view name);

}  // namespace chatflow::chat
