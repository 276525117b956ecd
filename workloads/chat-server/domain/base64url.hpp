#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chatflow::chat {

/// RFC 4648 §5 without padding: fit for URLs as it is.
[[nodiscard]] std::string encode_base64url(std::string_view bytes);

/// Nothing unless `text` is what encode_base64url would have written.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace chatflow::chat
