#include "controller/api/quantity.hpp"

#include <array>
#include <charconv>

namespace chatflow::api {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr Wide kMilliMax = Wide{9'200'000'000'000'000'000U};
constexpr Wide kMantissaMax = Wide{1} << 63;  // times 2^60 for Ei: within 128 bits

/// What stands after the number: a power of two or of ten.
struct Scale {
    int two = 0;
    int ten = 0;
};

std::optional<Scale> parse_suffix(std::string_view text) {
    struct Suffix {
        std::string_view text;
        Scale scale;
    };
    static constexpr std::array<Suffix, 16> kSuffixes{{{"", {}},
                                                       {"n", {.ten = -9}},
                                                       {"u", {.ten = -6}},
                                                       {"m", {.ten = -3}},
                                                       {"k", {.ten = 3}},
                                                       {"M", {.ten = 6}},
                                                       {"G", {.ten = 9}},
                                                       {"T", {.ten = 12}},
                                                       {"P", {.ten = 15}},
                                                       {"E", {.ten = 18}},
                                                       {"Ki", {.two = 10}},
                                                       {"Mi", {.two = 20}},
                                                       {"Gi", {.two = 30}},
                                                       {"Ti", {.two = 40}},
                                                       {"Pi", {.two = 50}},
                                                       {"Ei", {.two = 60}}}};
    for (const Suffix& suffix : kSuffixes) {
        if (suffix.text == text) return suffix.scale;
    }
    if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return {};
    text.remove_prefix(1);
    if (text[0] == '+' && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
    Scale scale;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), scale.ten);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    constexpr int kExponentMax = 1000;  // beyond, only zero and the least amount remain anyhow
    if (scale.ten > kExponentMax || scale.ten < -kExponentMax) return {};
    return scale;
}

/// Digits without their point: mantissa × 10^exponent; `lost` says that there is a little more.
struct Digits {
    Wide mantissa = 0;
    int exponent = 0;
    bool lost = false;
    std::size_t length = 0;  // characters of the text that belong to the number
};

std::optional<Digits> parse_digits(std::string_view text) {
    Digits digits;
    bool has_digit = false;
    bool after_point = false;
    for (; digits.length < text.size(); ++digits.length) {
        const char c = text[digits.length];
        if (c == '.' && !after_point) {
            after_point = true;
            continue;
        }
        if (c < '0' || c > '9') break;
        has_digit = true;
        if (digits.mantissa > (kMantissaMax - 9) / 10) {
            digits.lost = digits.lost || c != '0';
            digits.exponent += after_point ? 0 : 1;
        } else {
            digits.mantissa = digits.mantissa * 10 + static_cast<unsigned>(c - '0');
            digits.exponent -= after_point ? 1 : 0;
        }
    }
    if (!has_digit) return {};
    return digits;
}

/// Thousandths, rounded up.
std::optional<std::int64_t> to_milli(Digits digits, Scale scale) {
    Wide amount = digits.mantissa << scale.two;
    int ten = digits.exponent + scale.ten + 3;
    for (; ten > 0 && amount > 0; --ten) {
        if (amount > kMilliMax / 10) return {};
        amount *= 10;
    }
    for (; ten < 0 && amount > 0; ++ten) {
        digits.lost = digits.lost || amount % 10 != 0;
        amount /= 10;
    }
    if (digits.lost) ++amount;
    if (amount > kMilliMax) return {};
    return static_cast<std::int64_t>(amount);
}

}  // namespace

std::optional<Quantity> Quantity::parse(std::string_view text) {
    if (text.size() > kQuantityTextMax) return {};
    const bool is_negative = text.starts_with('-');
    if (is_negative || text.starts_with('+')) text.remove_prefix(1);
    const auto digits = parse_digits(text);
    if (!digits) return {};
    const auto scale = parse_suffix(text.substr(digits->length));
    if (!scale) return {};
    const auto milli = to_milli(*digits, *scale);
    if (!milli) return {};
    return Quantity{is_negative ? -*milli : *milli};
}

std::int64_t Quantity::units() const {
    const std::int64_t whole = milli_ / 1000;
    const std::int64_t rest = milli_ % 1000;
    return whole + (rest > 0 ? 1 : 0) - (rest < 0 ? 1 : 0);
}

std::string to_string(Quantity quantity) {
    const std::int64_t milli = quantity.milli();
    return milli % 1000 == 0 ? std::to_string(milli / 1000) : std::to_string(milli) + "m";
}

}  // namespace chatflow::api
