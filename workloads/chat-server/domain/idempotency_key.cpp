#include "workloads/chat-server/domain/idempotency_key.hpp"

#include <algorithm>

namespace chatflow::chat {
namespace {

constexpr std::string_view kBoundary = "boundary=";

std::string_view boundary_of(std::string_view content_type) {
    if (!content_type.starts_with("multipart/")) return {};
    const auto at = content_type.find(kBoundary);
    if (at == std::string_view::npos) return {};
    std::string_view boundary = content_type.substr(at + kBoundary.size());
    if (boundary.starts_with('"')) {
        boundary.remove_prefix(1);
        return boundary.substr(0, boundary.find('"'));
    }
    return boundary.substr(0, boundary.find_first_of("; \t"));
}

}  // namespace

std::optional<std::string_view> objection_to_key(std::string_view key) {
    const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
    if (!key.empty() && key.size() <= kIdempotencyKeyMax && std::ranges::all_of(key, is_visible)) {
        return std::nullopt;
    }
    return "must have 1 to 255 visible characters of ASCII";
}

std::string text_to_compare(std::string_view method, std::string_view path,
                            std::string_view content_type, std::string_view body) {
    std::string text(method);
    text.append(" ").append(path).append("\n");
    const std::string_view boundary = boundary_of(content_type);
    while (!boundary.empty() && !body.empty()) {
        const auto at = body.find(boundary);
        if (at == std::string_view::npos) break;
        text.append(body.substr(0, at)).append("\n");
        body.remove_prefix(at + boundary.size());
    }
    return text.append(body);
}

}  // namespace chatflow::chat
