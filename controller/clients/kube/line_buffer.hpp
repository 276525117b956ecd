#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::kube {

/// Cuts a stream of bytes, arriving in any pieces, into lines.
class LineBuffer {
 public:
    explicit LineBuffer(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

    void add(std::string_view bytes);

    /// The next whole line without its end; valid until the next add(). Throws std::length_error
    /// when an unfinished line is longer than allowed.
    [[nodiscard]] std::optional<std::string_view> next();

    /// Whether bytes of an unfinished line are left.
    [[nodiscard]] bool has_rest() const { return start_ < bytes_.size(); }

 private:
    std::size_t line_bytes_max_;
    std::string bytes_;
    std::size_t start_ = 0;     // of the line that comes next
    std::size_t searched_ = 0;  // no line end before this
};

}  // namespace chatflow::kube
