#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chatflow::kube {

/// RFC 4648 with padding.
[[nodiscard]] std::string encode_base64(std::string_view bytes);

/// Ignores line breaks and spaces; nothing for text that is no Base64.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace chatflow::kube
