#include "libs/base/cron.hpp"

#include "libs/base/number.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

namespace chatflow {
namespace {

using namespace std::chrono;

struct Part {
    std::string_view name;
    int least;
    int most;
    std::span<const std::string_view> words;  // the first one stands for `first_word`
    int first_word;
};

constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekDays{"SUN", "MON", "TUE", "WED",
                                                    "THU", "FRI", "SAT"};
constexpr std::array<Part, 5> kParts{{{"minute", 0, 59, {}, 0},
                                      {"hour", 0, 23, {}, 0},
                                      {"day of the month", 1, 31, {}, 0},
                                      {"month", 1, 12, kMonths, 1},
                                      {"day of the week", 0, 7, kWeekDays, 0}}};

bool is_word(std::string_view text, std::string_view word) {
    return std::ranges::equal(text, word, [](char a, char b) {
        return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
    });
}

std::optional<int> number_of(std::string_view text, const Part& part) {
    for (std::size_t i = 0; i < part.words.size(); ++i) {
        if (is_word(text, part.words[i])) return part.first_word + static_cast<int>(i);
    }
    return parse_number<int>(text);
}

/// "1-5", "*/15", "MON", "10-40/5": sets the numbers in `bits`; false where it is none of these.
bool add_range(std::string_view text, const Part& part, std::bitset<64>& bits) {
    int step = 1;
    const auto slash = text.find('/');
    if (slash != std::string_view::npos) {
        const auto given = number_of(text.substr(slash + 1), {part.name, 1, part.most, {}, 0});
        if (!given || *given < 1 || *given > part.most) return false;
        step = *given;
        text = text.substr(0, slash);
    }
    std::optional<int> least = part.least;
    std::optional<int> most = part.most;
    if (text != "*") {
        const auto dash = text.find('-');
        least = number_of(text.substr(0, dash), part);
        const bool is_open = dash == std::string_view::npos && slash != std::string_view::npos;
        most = is_open                          ? part.most
               : dash == std::string_view::npos ? least
                                                : number_of(text.substr(dash + 1), part);
    }
    if (!least || !most || *least < part.least || *most > part.most || *least > *most) return false;
    for (int i = *least; i <= *most; i += step) bits.set(static_cast<std::size_t>(i));
    return true;
}

std::expected<std::bitset<64>, std::string> read_part(std::string_view text, const Part& part) {
    std::bitset<64> bits;
    std::string_view rest = text;
    while (true) {
        const auto comma = rest.find(',');
        if (!add_range(rest.substr(0, comma), part, bits)) {
            return std::unexpected(
                fmt::format("five crontab fields; its {} is {}, which must be *, "
                            "or numbers, lists, ranges and steps from {} to {}",
                            part.name, text, part.least, part.most));
        }
        if (comma == std::string_view::npos) return bits;
        rest.remove_prefix(comma + 1);
    }
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> words;
    while (true) {
        const auto begin = text.find_first_not_of(" \t");
        if (begin == std::string_view::npos) return words;
        const auto end = text.find_first_of(" \t", begin);
        words.push_back(text.substr(begin, end - begin));
        if (end == std::string_view::npos) return words;
        text.remove_prefix(end);
    }
}

template <std::size_t N>
std::bitset<N> cut(const std::bitset<64>& bits) {
    return std::bitset<N>(bits.to_ullong() & ((1ULL << N) - 1));
}

/// Turns local times into moments; asks the zone only near a clock change.
class LocalClock {
 public:
    LocalClock(TimePoint at, const time_zone& zone)
        : zone_(zone), info_(zone.get_info(floor<seconds>(at))) {}

    [[nodiscard]] local_seconds local(TimePoint at) const {
        return local_seconds{floor<seconds>(at).time_since_epoch() + info_.offset};
    }
    [[nodiscard]] TimePoint moment(local_seconds local) const {
        const sys_seconds plain{local.time_since_epoch() - info_.offset};
        if (info_.begin + days{1} <= plain && plain + days{1} < info_.end) return plain;
        const local_info near = zone_.get_info(local);
        if (near.result == local_info::nonexistent) return near.first.end;
        return sys_seconds{local.time_since_epoch() - near.first.offset};
    }

 private:
    const time_zone& zone_;
    sys_info info_;
};

// No clock is changed by more: a moment may lie so far on the other side of the local time.
constexpr hours kClockChange{3};

}  // namespace

std::expected<Cron, std::string> Cron::parse(std::string_view text) {
    const auto words = split(text);
    if (words.size() != kParts.size()) {
        return std::unexpected(std::string("five crontab fields, such as 0 8 * * 1-5"));
    }
    std::array<std::bitset<64>, kParts.size()> bits;
    for (std::size_t i = 0; i < kParts.size(); ++i) {
        auto read = read_part(words[i], kParts[i]);
        if (!read) return std::unexpected(std::move(read.error()));
        bits[i] = *read;
    }
    Cron cron;
    cron.minutes_ = cut<60>(bits[0]);
    cron.hours_ = cut<24>(bits[1]);
    cron.days_ = cut<32>(bits[2]);
    cron.months_ = cut<13>(bits[3]);
    if (bits[4][7]) bits[4].set(0);  // 7 is Sunday, too
    cron.week_days_ = cut<7>(bits[4]);
    cron.any_day_ = words[2].starts_with('*');
    cron.any_week_day_ = words[4].starts_with('*');
    // 2028 is a leap year; in any of its days a weekday is as good as another.
    for (sys_days day = 2028y / January / 1; day < sys_days{2029y / January / 1}; day += days{1}) {
        const bool by_week_day = !cron.any_week_day_ || cron.any_day_;
        const year_month_day date{day};
        if (!cron.months_[static_cast<unsigned>(date.month())]) continue;
        if (by_week_day || cron.days_[static_cast<unsigned>(date.day())]) return cron;
    }
    return std::unexpected(std::string("five crontab fields of which the day comes some time"));
}

bool Cron::has_day(year_month_day day) const {
    if (!months_[static_cast<unsigned>(day.month())]) return false;
    const bool in_month = days_[static_cast<unsigned>(day.day())];
    const bool in_week = week_days_[weekday{sys_days{day}}.c_encoding()];
    return any_day_ || any_week_day_ ? in_month && in_week : in_month || in_week;
}

std::optional<TimePoint> Cron::last_until(TimePoint at, const time_zone& zone) const {
    const LocalClock clock(at, zone);
    const local_seconds latest = clock.local(at) + kClockChange;
    local_days day = floor<days>(latest);
    const local_days end = day - days{kSearchYears * 366};
    while (day > end) {
        const year_month_day date{day};
        if (!months_[static_cast<unsigned>(date.month())]) {
            day = local_days{date.year() / date.month() / 1} - days{1};
            continue;
        }
        for (int hour = has_day(date) ? 23 : -1; hour >= 0; --hour) {
            if (!hours_[static_cast<std::size_t>(hour)]) continue;
            if (day + hours{hour} > latest) continue;
            for (int minute = 59; minute >= 0; --minute) {
                if (!minutes_[static_cast<std::size_t>(minute)]) continue;
                const TimePoint moment = clock.moment(day + hours{hour} + minutes{minute});
                if (moment <= at) return moment;
            }
        }
        day -= days{1};
    }
    return std::nullopt;
}

std::optional<TimePoint> Cron::next_after(TimePoint at, const time_zone& zone) const {
    const LocalClock clock(at, zone);
    const local_seconds earliest = clock.local(at) - kClockChange;
    local_days day = floor<days>(earliest);
    const local_days end = day + days{kSearchYears * 366};
    while (day < end) {
        const year_month_day date{day};
        if (!months_[static_cast<unsigned>(date.month())]) {
            day = local_days{(date.year() / date.month() + months{1}) / 1};
            continue;
        }
        for (int hour = has_day(date) ? 0 : 24; hour < 24; ++hour) {
            if (!hours_[static_cast<std::size_t>(hour)]) continue;
            if (day + hours{hour + 1} < earliest) continue;
            for (int minute = 0; minute < 60; ++minute) {
                if (!minutes_[static_cast<std::size_t>(minute)]) continue;
                const TimePoint moment = clock.moment(day + hours{hour} + minutes{minute});
                if (moment > at) return moment;
            }
        }
        day += days{1};
    }
    return std::nullopt;
}

const time_zone* find_time_zone(std::string_view name) {
    try {
        return locate_zone(name);
    } catch (const std::runtime_error&) {  // no such zone, or no zones on this machine
        return nullptr;
    }
}

}  // namespace chatflow
