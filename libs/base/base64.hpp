#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chatflow {

/// Base64 of RFC 4648 §4, with padding.
[[nodiscard]] std::string encode_base64(std::string_view bytes);

/// Takes text without its padding too. Nothing for any other text.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

/// RFC 4648 §5 without padding, as JOSE has it.
[[nodiscard]] std::string encode_base64url(std::string_view bytes);

/// Strict, so that one value has one spelling: no padding, no other character, unused bits zero.
/// Nothing for any other text.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace chatflow
