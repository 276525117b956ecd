#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chatflow {

/// The beginning of a UTF-8 text, at most `bytes` long, that ends with a whole character.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t bytes);

/// Bytes of unknown encoding as text that any log, status or terminal can take: whatever is not
/// printable ASCII becomes '?'.
[[nodiscard]] std::string printable(std::string_view bytes);

}  // namespace chatflow
