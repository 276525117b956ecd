#pragma once

#include <string_view>

namespace chatflow {

/// Whether the bytes are UTF-8 as Unicode §3.9 has it: no overlong form, no surrogate, nothing
/// above U+10FFFF, nothing cut off.
[[nodiscard]] bool is_utf8(std::string_view bytes);

}  // namespace chatflow
