#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chatflow::socket {

/// Base64 of RFC 4648 §4, as Engine.IO wraps binary packets in polling. Nothing for any other text.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

void append_base64(std::string& out, std::string_view bytes);

}  // namespace chatflow::socket
