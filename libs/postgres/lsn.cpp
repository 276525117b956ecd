#include "libs/postgres/lsn.hpp"

#include "libs/base/number.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace chatflow::postgres {
namespace {

constexpr std::size_t kDigitsMax = 8;

std::optional<std::uint32_t> parse_half(std::string_view text) {
    if (text.size() > kDigitsMax) return std::nullopt;
    return parse_number<std::uint32_t>(text, 16);
}

void append_half(std::string& out, std::uint32_t value) {
    std::array<char, kDigitsMax> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    for (const char* c = digits.data(); c != end; ++c) {
        out += *c >= 'a' ? static_cast<char>(*c - 'a' + 'A') : *c;
    }
}

}  // namespace

std::optional<Lsn> parse_lsn(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto high = parse_half(text.substr(0, slash));
    const auto low = parse_half(text.substr(slash + 1));
    if (!high || !low) return std::nullopt;
    return Lsn{std::uint64_t{*high} << 32U | *low};
}

std::string to_string(Lsn lsn) {
    const auto value = std::to_underlying(lsn);
    std::string text;
    append_half(text, static_cast<std::uint32_t>(value >> 32U));
    text += '/';
    append_half(text, static_cast<std::uint32_t>(value));
    return text;
}

}  // namespace chatflow::postgres
