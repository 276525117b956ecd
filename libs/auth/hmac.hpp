#pragma once

#include <string>
#include <string_view>

namespace chatflow::auth {

/// HMAC-SHA256, 32 bytes. Throws std::runtime_error when OpenSSL has none.
[[nodiscard]] std::string hmac_sha256(std::string_view secret, std::string_view text);

/// The same as 64 hexadecimal digits.
[[nodiscard]] std::string hmac_sha256_hex(std::string_view secret, std::string_view text);

/// Takes the same time wherever they differ, so that nobody guesses digit by digit.
[[nodiscard]] bool is_same_secret(std::string_view one, std::string_view other);

}  // namespace chatflow::auth
