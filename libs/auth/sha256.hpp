#pragma once

#include <string>
#include <string_view>

namespace chatflow::auth {

/// SHA-256, 32 bytes. Throws std::runtime_error when OpenSSL has none.
[[nodiscard]] std::string sha256(std::string_view text);

/// The same as 64 hexadecimal digits in lower case.
[[nodiscard]] std::string sha256_hex(std::string_view text);

}  // namespace chatflow::auth
