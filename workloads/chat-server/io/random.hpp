#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace chatflow::chat {

/// Bytes that nobody can guess, from OpenSSL. Throws std::runtime_error when it has none.
[[nodiscard]] std::string random_bytes(std::size_t count);

/// For generators of what need not be secret.
[[nodiscard]] std::uint64_t random_seed();

}  // namespace chatflow::chat
