#include "libs/base/text.hpp"

namespace chatflow {

std::string_view cut(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    const auto continues = [text](std::size_t at) {
        return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
    };
    while (bytes > 0 && continues(bytes)) --bytes;
    return text.substr(0, bytes);
}

std::string printable(std::string_view bytes) {
    std::string text(bytes);
    for (char& c : text) {
        if (c < ' ' || c > '~') c = '?';
    }
    return text;
}

}  // namespace chatflow
