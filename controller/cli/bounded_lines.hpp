#pragma once

#include <cstddef>
#include <istream>
#include <string>

namespace chatflow::cli {

// A case of 10,000 pods has about 4 MiB; a line beyond this is not kept in memory.
inline constexpr std::size_t kLineBytesMax = std::size_t{64} << 20;

/// Reads lines of at most `most` bytes.
class BoundedLines {
 public:
    explicit BoundedLines(std::istream& in, std::size_t most = kLineBytesMax)
        : in_(*in.rdbuf()), most_(most) {}

    enum class Got { Line, TooLong, End };

    /// The next line without its end. Of a line that is too long, `line` is the beginning; the rest
    /// is skipped.
    [[nodiscard]] Got next(std::string& line);

 private:
    std::streambuf& in_;
    std::size_t most_;
};

}  // namespace chatflow::cli
