#include "libs/base/time.hpp"

#include "libs/base/number.hpp"

#include <fmt/format.h>

namespace chatflow {
namespace {

using namespace std::chrono;

struct CivilTime {
    year_month_day date;
    hh_mm_ss<microseconds> time;
};

CivilTime civil(TimePoint at) {
    const auto day = floor<days>(at);
    return {year_month_day{day}, hh_mm_ss<microseconds>{at - day}};
}

/// Takes `digits` decimal digits from the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    const auto value = parse_number<int>(text.substr(0, digits));
    if (!value || *value < 0) return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

bool take_char(std::string_view& text, char lower, char upper) {
    if (text.empty() || (text.front() != lower && text.front() != upper)) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<microseconds> take_fraction(std::string_view& text) {
    if (!take_char(text, '.', '.')) return microseconds{0};
    std::size_t digits = 0;
    std::int64_t micros = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        if (digits < 6) micros = micros * 10 + (text[digits] - '0');
        ++digits;
    }
    if (digits == 0 || digits > 9) return std::nullopt;
    for (auto filled = digits; filled < 6; ++filled) micros *= 10;
    text.remove_prefix(digits);
    return microseconds{micros};
}

std::optional<minutes> take_offset(std::string_view& text) {
    if (take_char(text, 'z', 'Z')) return minutes{0};
    const bool west = !text.empty() && text.front() == '-';
    if (!take_char(text, '+', '-')) return std::nullopt;
    const auto hour = take_number(text, 2);
    if (!hour || !take_char(text, ':', ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
    const minutes offset = hours{*hour} + minutes{*minute};
    return west ? -offset : offset;
}

}  // namespace

std::string format_rfc3339(TimePoint at) {
    const auto [date, time] = civil(at);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string format_rfc3339_micro(TimePoint at) {
    std::string text = format_rfc3339(at);
    text.pop_back();
    return fmt::format("{}.{:06}Z", text, civil(at).time.subseconds().count());
}

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
    const auto y = take_number(text, 4);
    if (!y || !take_char(text, '-', '-')) return std::nullopt;
    const auto mo = take_number(text, 2);
    if (!mo || !take_char(text, '-', '-')) return std::nullopt;
    const auto d = take_number(text, 2);
    if (!d || !take_char(text, 't', 'T')) return std::nullopt;
    const auto h = take_number(text, 2);
    if (!h || !take_char(text, ':', ':')) return std::nullopt;
    const auto mi = take_number(text, 2);
    if (!mi || !take_char(text, ':', ':')) return std::nullopt;
    const auto s = take_number(text, 2);
    if (!s) return std::nullopt;
    const auto fraction = take_fraction(text);
    const auto offset = fraction ? take_offset(text) : std::nullopt;
    const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)},
                              day{static_cast<unsigned>(*d)}};
    if (!offset || !text.empty() || !date.ok() || *h > 23 || *mi > 59 || *s > 60) {
        return std::nullopt;
    }
    return TimePoint{sys_days{date} + hours{*h} + minutes{*mi} + seconds{*s} - *offset} + *fraction;
}

std::string format_age(seconds age) {
    const auto total = age.count() < 0 ? 0 : age.count();
    const auto d = total / 86400, h = total / 3600 % 24, m = total / 60 % 60, s = total % 60;
    const auto pair = [](auto high, char high_unit, auto low, char low_unit) {
        return low == 0 ? fmt::format("{}{}", high, high_unit)
                        : fmt::format("{}{}{}{}", high, high_unit, low, low_unit);
    };
    if (d > 0) return pair(d, 'd', h, 'h');
    if (h > 0) return pair(h, 'h', m, 'm');
    if (m > 0) return pair(m, 'm', s, 's');
    return fmt::format("{}s", s);
}

}  // namespace chatflow
