#pragma once

#include <string_view>

namespace chatflow {

/// The release this program was built from, for instance "0.1.0".
[[nodiscard]] std::string_view version();

}  // namespace chatflow
