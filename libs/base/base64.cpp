#include "libs/base/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace chatflow {
namespace {

/// The 64 letters, and the value of each byte that is one of them; -1 for the others.
struct Alphabet {
    std::string_view letters;
    std::array<std::int8_t, 256> values{};

    constexpr explicit Alphabet(std::string_view all) : letters(all) {
        values.fill(-1);
        for (std::size_t i = 0; i < letters.size(); ++i) {
            values.at(static_cast<unsigned char>(letters[i])) = static_cast<std::int8_t>(i);
        }
    }
};

constexpr Alphabet kPlain("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
constexpr Alphabet kUrl("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

std::string encode(const Alphabet& alphabet, std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char byte : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(byte);
        count += 8;
        while (count >= 6) {
            count -= 6;
            text += alphabet.letters[(bits >> count) & 63U];
        }
    }
    if (count > 0) text += alphabet.letters[(bits << (6 - count)) & 63U];
    return text;
}

/// Without padding. The bits of the last letter that belong to no byte are given in `unused`.
std::optional<std::string> decode(const Alphabet& alphabet, std::string_view text,
                                  std::uint32_t& unused) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char letter : text) {
        const auto value = alphabet.values[static_cast<unsigned char>(letter)];
        if (value < 0) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>((bits >> count) & 0xFFU);
        }
    }
    unused = bits & ((1U << count) - 1U);
    return bytes;
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
    std::string text = encode(kPlain, bytes);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 == 0) {
        text.remove_suffix(text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0);
    }
    std::uint32_t unused = 0;
    return decode(kPlain, text, unused);
}

std::string encode_base64url(std::string_view bytes) { return encode(kUrl, bytes); }

std::optional<std::string> decode_base64url(std::string_view text) {
    std::uint32_t unused = 0;
    auto bytes = decode(kUrl, text, unused);
    return unused == 0 ? std::move(bytes) : std::nullopt;
}

}  // namespace chatflow
