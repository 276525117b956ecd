#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {

constexpr std::size_t kFormPartsMax = 16;
constexpr std::size_t kFormHeaderMax = 4096;  // bytes of one part's headers
constexpr std::size_t kBoundaryMax = 70;      // RFC 2046 §5.1.1

/// One field of a form; `content` is part of the body that was parsed.
struct FormPart {
    std::string name;
    std::optional<std::string> file_name;  // as the client says; nothing: no file
    std::string media_type;                // "" when none is said
    std::string_view content;

    bool operator==(const FormPart&) const = default;
};

/// Takes a body of multipart/form-data apart (RFC 7578). The error says what is wrong with it, in
/// words for the client. Views point into `body`; nothing is read beyond it.
[[nodiscard]] std::expected<std::vector<FormPart>, std::string> parse_form(
    std::string_view content_type, std::string_view body);

}  // namespace chatflow::chat
