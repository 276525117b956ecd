#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chatflow::cli {

inline constexpr std::size_t kColumnsMax = 80;  // of a terminal that nobody made wider

/// `text` broken at spaces, each line with that many spaces in front and '\n' at its end. A word
/// that is longer than a line stays whole.
[[nodiscard]] std::string paragraph(std::string_view text, std::size_t indent = 0);

/// `text` with spaces up to that many columns; as it is when it is longer.
[[nodiscard]] std::string padded(std::string_view text, std::size_t columns);

/// Characters of UTF-8 text; each is taken for one column.
[[nodiscard]] std::size_t columns_of(std::string_view text);

}  // namespace chatflow::cli
