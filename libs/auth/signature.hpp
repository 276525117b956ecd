#pragma once

#include "libs/auth/algorithm.hpp"
#include "libs/auth/key.hpp"

#include <string_view>

namespace chatflow::auth {

/// Whether `signature` (as JOSE writes it: ES as r and s side by side) is that of `text`. False
/// when the key does not serve the algorithm.
[[nodiscard]] bool is_signature_of(std::string_view text, std::string_view signature,
                                   Algorithm algorithm, const Key& key);

}  // namespace chatflow::auth
