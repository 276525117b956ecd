#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::chat {

constexpr std::size_t kIdempotencyKeyMax = 255;

/// Why the value of an Idempotency-Key header cannot be used, in words for the client: it must have
/// 1 to 255 visible characters of ASCII.
[[nodiscard]] std::optional<std::string_view> objection_to_key(std::string_view key);

/// What makes two requests the same. The boundary of a multipart body is left out: clients choose
/// it anew each time.
[[nodiscard]] std::string text_to_compare(std::string_view method, std::string_view path,
                                          std::string_view content_type, std::string_view body);

}  // namespace chatflow::chat
