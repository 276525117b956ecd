#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chatflow::http {

enum class PlusSign { Literal, MeansSpace };

/// Replaces %XX; nothing when a % is not followed by two hexadecimal digits. In a query's values
/// a + means a space, in a path it does not.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, PlusSign plus);

/// Makes `text` fit for one path segment or query value.
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace chatflow::http
