#include "libs/redis/slot.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace chatflow::redis {
namespace {

constexpr std::array<std::uint16_t, 256> make_table() {
    std::array<std::uint16_t, 256> table{};
    for (unsigned byte = 0; byte < table.size(); ++byte) {
        unsigned crc = byte << 8U;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
        }
        table[byte] = static_cast<std::uint16_t>(crc);
    }
    return table;
}

std::uint16_t crc16(std::string_view bytes) {
    static constexpr auto table = make_table();
    unsigned crc = 0;
    for (const char byte : bytes) {
        crc = (crc << 8U) ^ table[((crc >> 8U) ^ static_cast<unsigned char>(byte)) & 0xffU];
        crc &= 0xffffU;
    }
    return static_cast<std::uint16_t>(crc);
}

std::string_view hashed_part(std::string_view key) {
    const auto open = key.find('{');
    if (open == std::string_view::npos) return key;
    const auto close = key.find('}', open + 1);
    if (close == std::string_view::npos || close == open + 1) return key;
    return key.substr(open + 1, close - open - 1);
}

// Walks over the words of *n\r\n$size\r\nword\r\n… without copying.
class Words {
 public:
    explicit Words(std::string_view bytes) : rest_(bytes) { skip_line(); }

    std::optional<std::string_view> next() {
        if (!rest_.starts_with('$')) return std::nullopt;
        std::size_t size = 0;
        std::from_chars(rest_.data() + 1, rest_.data() + rest_.size(), size);
        skip_line();
        const auto word = rest_.substr(0, size);
        rest_.remove_prefix(std::min(rest_.size(), size + 2));
        return word;
    }

 private:
    void skip_line() { rest_.remove_prefix(std::min(rest_.size(), rest_.find('\n') + 1)); }

    std::string_view rest_;
};

std::string upper(std::string_view word) {
    std::string text(word);
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    });
    return text;
}

// Commands whose first argument is no key.
bool has_no_key(std::string_view name) {
    static constexpr std::array<std::string_view, 17> kNames = {
        "ASKING", "AUTH",    "CLIENT",   "CLUSTER", "COMMAND", "CONFIG", "DBSIZE", "ECHO", "INFO",
        "PING",   "PUBLISH", "READONLY", "ROLE",    "SCAN",    "SCRIPT", "TIME",   "WAIT"};
    return std::ranges::contains(kNames, name);
}

}  // namespace

std::uint16_t slot_of(std::string_view key) {
    return static_cast<std::uint16_t>(crc16(hashed_part(key)) % kSlots);
}

std::optional<std::string_view> key_of(const Command& command) {
    Words words(command.bytes());
    const auto name = upper(words.next().value_or(""));
    if (has_no_key(name)) return std::nullopt;
    if (name == "EVAL" || name == "EVALSHA" || name == "FCALL") {
        words.next();  // the script
        if (words.next().value_or("0") == "0") return std::nullopt;
    } else if (name == "XGROUP" || name == "XINFO" || name == "OBJECT") {
        words.next();  // the subcommand
    } else if (name == "XREAD" || name == "XREADGROUP") {
        for (auto word = words.next(); word && upper(*word) != "STREAMS";) word = words.next();
    }
    return words.next();
}

}  // namespace chatflow::redis
