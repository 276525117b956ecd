#include "controller/cli/paragraphs.hpp"

#include <algorithm>

namespace chatflow::cli {

std::size_t columns_of(std::string_view text) {
    const auto starts_character = [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    };
    return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

std::string padded(std::string_view text, std::size_t columns) {
    const std::size_t width = columns_of(text);
    return std::string(text) + std::string(width < columns ? columns - width : 0, ' ');
}

std::string paragraph(std::string_view text, std::size_t indent) {
    std::string lines;
    std::string line(indent, ' ');
    bool is_empty = true;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find_first_of(" \n"));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (word.empty()) continue;
        if (!is_empty && columns_of(line) + 1 + columns_of(word) > kColumnsMax) {
            lines += line + '\n';
            line.assign(indent, ' ');
            is_empty = true;
        }
        if (!is_empty) line += ' ';
        line += word;
        is_empty = false;
    }
    return is_empty ? lines : lines + line + '\n';
}

}  // namespace chatflow::cli
