#pragma once

#include <cstddef>
#include <string>

namespace chatflow::cli {

/// The content of a file; "-" is standard input. Throws std::runtime_error with a sentence for the
/// user where it cannot be read or is longer than `bytes_max`.
[[nodiscard]] std::string read_file(const std::string& path, std::size_t bytes_max);

/// Puts the text into a file, replacing what was there. Throws std::runtime_error as above.
void write_file(const std::string& path, const std::string& text);

}  // namespace chatflow::cli
