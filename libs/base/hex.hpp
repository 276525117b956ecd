#pragma once

#include <span>
#include <string>

namespace chatflow {

/// Two lower-case digits for each byte: how digests are written.
[[nodiscard]] std::string to_hex(std::span<const unsigned char> bytes);

}  // namespace chatflow
