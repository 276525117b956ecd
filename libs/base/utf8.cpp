#include "libs/base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace chatflow {
namespace {

struct Lead {
    std::size_t following;     // bytes after the first
    unsigned char second_min;  // narrower than 80..BF where a form would be overlong, …
    unsigned char second_max;  // … a surrogate or too great
};

// Table 3-7 of the Unicode standard. `following` 0: no such first byte.
Lead lead_of(unsigned char first) {
    if (first >= 0xC2 && first <= 0xDF) return {1, 0x80, 0xBF};
    if (first == 0xE0) return {2, 0xA0, 0xBF};
    if (first == 0xED) return {2, 0x80, 0x9F};
    if (first >= 0xE1 && first <= 0xEF) return {2, 0x80, 0xBF};
    if (first == 0xF0) return {3, 0x90, 0xBF};
    if (first >= 0xF1 && first <= 0xF3) return {3, 0x80, 0xBF};
    if (first == 0xF4) return {3, 0x80, 0x8F};
    return {0, 0, 0};
}

// Chat is mostly ASCII: eight bytes at a time.
std::size_t ascii_prefix(std::string_view bytes) {
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, 8);
        if ((word & 0x8080808080808080ULL) != 0) break;
    }
    while (at < bytes.size() && static_cast<unsigned char>(bytes[at]) < 0x80) ++at;
    return at;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    for (;;) {
        bytes.remove_prefix(ascii_prefix(bytes));
        if (bytes.empty()) return true;
        const auto [following, second_min, second_max] = lead_of(byte(0));
        if (following == 0 || bytes.size() <= following) return false;
        if (byte(1) < second_min || byte(1) > second_max) return false;
        for (std::size_t i = 2; i <= following; ++i) {
            if ((byte(i) & 0xC0U) != 0x80U) return false;
        }
        bytes.remove_prefix(following + 1);
    }
}

}  // namespace chatflow
