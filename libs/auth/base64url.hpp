#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chatflow::auth {

/// Strict base64url as JOSE wants it: no padding, no other character, unused bits zero, so that one
/// value has one spelling. Nothing for any other text.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

[[nodiscard]] std::string encode_base64url(std::string_view bytes);

}  // namespace chatflow::auth
