#pragma once

#include <string>
#include <string_view>

namespace chatflow::chat {

/// 64 hexadecimal digits in lower case. Throws std::runtime_error when OpenSSL has no SHA-256.
[[nodiscard]] std::string sha256_hex(std::string_view text);

}  // namespace chatflow::chat
