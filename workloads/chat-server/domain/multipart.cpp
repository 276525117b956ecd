#include "workloads/chat-server/domain/multipart.hpp"

#include <algorithm>
#include <utility>

namespace chatflow::chat {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_alike(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes `name=value` from the front of `rest`, which begins behind a semicolon. The value may stand
// in quotation marks, in which a backslash takes the next character as it is.
std::optional<std::pair<std::string_view, std::string>> take_parameter(std::string_view& rest) {
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = trimmed(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::string value;
    if (!rest.starts_with('"')) {
        const auto end = std::min(rest.find(';'), rest.size());
        value = trimmed(rest.substr(0, end));
        rest.remove_prefix(end);
    } else {
        std::size_t at = 1;
        while (at < rest.size() && rest[at] != '"') {
            if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
            value += rest[at++];
        }
        if (at >= rest.size()) return std::nullopt;  // the mark is not closed
        rest = trimmed(rest.substr(at + 1));
    }
    if (!rest.empty() && !rest.starts_with(';')) return std::nullopt;
    if (!rest.empty()) rest.remove_prefix(1);
    return std::pair{name, std::move(value)};
}

// The value of a parameter behind the first semicolon of a header's value.
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
    const auto semicolon = header.find(';');
    if (semicolon == std::string_view::npos) return std::nullopt;
    std::string_view rest = header.substr(semicolon + 1);
    while (!trimmed(rest).empty()) {
        auto next = take_parameter(rest);
        if (!next) return std::nullopt;
        if (is_alike(next->first, name)) return std::move(next->second);
    }
    return std::nullopt;
}

std::string_view first_value(std::string_view header) {
    return trimmed(header.substr(0, header.find(';')));
}

std::expected<FormPart, std::string> parse_part(std::string_view headers,
                                                std::string_view content) {
    FormPart part{.name = {}, .file_name = {}, .media_type = {}, .content = content};
    bool is_named = false;
    while (!headers.empty()) {
        const auto end = std::min(headers.find(kLineEnd), headers.size());
        const std::string_view line = headers.substr(0, end);
        headers.remove_prefix(std::min(end + kLineEnd.size(), headers.size()));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) {
            return std::unexpected("a part has a header without a colon");
        }
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (is_alike(name, "Content-Type")) part.media_type = first_value(value);
        if (!is_alike(name, "Content-Disposition")) continue;
        auto field = parameter(value, "name");
        if (!is_alike(first_value(value), "form-data") || !field) {
            return std::unexpected("a part's Content-Disposition must be form-data with a name");
        }
        part.name = std::move(*field);
        part.file_name = parameter(value, "filename");
        is_named = true;
    }
    if (!is_named) return std::unexpected("a part has no Content-Disposition");
    return part;
}

}  // namespace

std::expected<std::vector<FormPart>, std::string> parse_form(std::string_view content_type,
                                                             std::string_view body) {
    const auto boundary = parameter(content_type, "boundary");
    if (!is_alike(first_value(content_type), "multipart/form-data") || !boundary ||
        boundary->empty() || boundary->size() > kBoundaryMax) {
        return std::unexpected("Content-Type must be multipart/form-data with a boundary");
    }
    // A line end belongs to each delimiter but the first, which may be at the very beginning.
    const std::string delimiter = "\r\n--" + *boundary;
    std::string_view rest = body;
    if (rest.starts_with(std::string_view(delimiter).substr(kLineEnd.size()))) {
        rest.remove_prefix(delimiter.size() - kLineEnd.size());
    } else if (const auto first = rest.find(delimiter); first != std::string_view::npos) {
        rest.remove_prefix(first + delimiter.size());
    } else {
        return std::unexpected("the body has no part");
    }
    std::vector<FormPart> parts;
    while (!rest.starts_with("--")) {
        const auto line_end = rest.find(kLineEnd);
        if (line_end == std::string_view::npos || !trimmed(rest.substr(0, line_end)).empty()) {
            return std::unexpected("a boundary is not at the end of its line");
        }
        rest.remove_prefix(line_end);
        const auto headers_end = rest.substr(0, kFormHeaderMax).find("\r\n\r\n");
        if (headers_end == std::string_view::npos) {
            return std::unexpected("a part's headers are too long or do not end");
        }
        const std::string_view headers =
            rest.substr(kLineEnd.size(), headers_end == 0 ? 0 : headers_end - kLineEnd.size());
        // The empty line's own end may be that of the delimiter: then the part is empty.
        rest.remove_prefix(headers_end + kLineEnd.size());
        const auto end = rest.find(delimiter);
        if (end == std::string_view::npos) return std::unexpected("the last boundary is missing");
        const std::string_view content = end < kLineEnd.size()
                                             ? std::string_view{}
                                             : rest.substr(kLineEnd.size(), end - kLineEnd.size());
        auto part = parse_part(headers, content);
        if (!part) return std::unexpected(std::move(part.error()));
        if (parts.size() == kFormPartsMax) return std::unexpected("the form has too many parts");
        parts.push_back(std::move(*part));
        rest.remove_prefix(end + delimiter.size());
    }
    return parts;
}

}  // namespace chatflow::chat
