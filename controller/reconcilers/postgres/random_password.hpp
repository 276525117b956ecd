#pragma once

#include <string>

namespace chatflow {

/// 48 hexadecimal digits, of 192 random bits. Throws std::runtime_error when the system has none.
[[nodiscard]] std::string random_password();

}  // namespace chatflow
