#include "controller/clients/kube/line_buffer.hpp"

#include <stdexcept>

namespace chatflow::kube {

void LineBuffer::add(std::string_view bytes) {
    bytes_.erase(0, start_);
    searched_ -= start_;
    start_ = 0;
    bytes_.append(bytes);
}

std::optional<std::string_view> LineBuffer::next() {
    const std::size_t end = bytes_.find('\n', searched_);
    if (end == std::string::npos) {
        searched_ = bytes_.size();
        if (bytes_.size() - start_ > line_bytes_max_) {
            throw std::length_error("a line has more than " + std::to_string(line_bytes_max_) +
                                    " bytes");
        }
        return std::nullopt;
    }
    std::string_view line(bytes_.data() + start_, end - start_);
    start_ = searched_ = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace chatflow::kube
