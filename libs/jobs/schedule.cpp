#include "libs/jobs/schedule.hpp"

#include "libs/base/number.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace chatflow::jobs {
namespace {

std::string_view expand(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNames = {{
        {"@yearly", "0 0 1 1 *"},
        {"@annually", "0 0 1 1 *"},
        {"@monthly", "0 0 1 * *"},
        {"@weekly", "0 0 * * 0"},
        {"@daily", "0 0 * * *"},
        {"@midnight", "0 0 * * *"},
        {"@hourly", "0 * * * *"},
    }};
    for (const auto& [name, meaning] : kNames) {
        if (text == name) return meaning;
    }
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        if (const auto part = text.substr(0, end); !part.empty()) parts.push_back(part);
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::optional<unsigned> below_60(std::string_view text) {
    const auto number = parse_number<unsigned>(text);
    return number && *number <= 59 ? number : std::nullopt;
}

// "*", "5", "10-20", each with "/step".
bool add_seconds(std::bitset<60>& seconds, std::string_view part) {
    unsigned step = 1;
    const auto slash = part.find('/');
    if (slash != std::string_view::npos) {
        const auto given = below_60(part.substr(slash + 1));
        if (!given || *given == 0) return false;
        step = *given;
        part = part.substr(0, slash);
    }
    unsigned first = 0;
    unsigned last = 59;
    if (part != "*") {
        const auto dash = part.find('-');
        const auto begin = below_60(part.substr(0, dash));
        if (!begin) return false;
        first = *begin;
        last = slash == std::string_view::npos ? first : last;
        if (dash != std::string_view::npos) {
            const auto end = below_60(part.substr(dash + 1));
            if (!end || *end < first) return false;
            last = *end;
        }
    }
    for (unsigned second = first; second <= last; second += step) seconds.set(second);
    return true;
}

std::optional<Milliseconds> next_of_pattern(const Schedule& schedule, Milliseconds after) {
    const auto pattern = CronPattern::parse(schedule.pattern);
    const auto* const zone =
        find_time_zone(schedule.time_zone.empty() ? "UTC" : schedule.time_zone);
    if (!pattern || zone == nullptr) return std::nullopt;
    const auto next = pattern->next_after(after, *zone);
    if (!next) return std::nullopt;
    return std::chrono::floor<std::chrono::milliseconds>(*next) + schedule.offset;
}

}  // namespace

std::expected<CronPattern, std::string> CronPattern::parse(std::string_view text) {
    text = expand(text);
    auto fields = split(text, ' ');
    std::bitset<60> seconds;
    if (fields.size() == 6) {
        for (const auto part : split(fields[0], ',')) {
            if (!add_seconds(seconds, part)) {
                return std::unexpected("a pattern whose seconds are from 0 to 59");
            }
        }
        if (seconds.none()) return std::unexpected("a pattern whose seconds are from 0 to 59");
        fields.erase(fields.begin());
    } else {
        seconds.set(0);
    }
    std::string minutes;
    for (const auto field : fields) minutes += (minutes.empty() ? "" : " ") + std::string(field);
    auto cron = Cron::parse(minutes);
    if (!cron) return std::unexpected(std::move(cron.error()));
    CronPattern pattern(*cron);
    pattern.seconds_ = seconds;
    return pattern;
}

std::optional<TimePoint> CronPattern::next_after(TimePoint at,
                                                 const std::chrono::time_zone& zone) const {
    using std::chrono::seconds;
    const TimePoint minute = std::chrono::floor<std::chrono::minutes>(at);
    if (minutes_.last_until(minute, zone) == minute) {
        for (unsigned second = 0; second < 60; ++second) {
            if (seconds_.test(second) && minute + seconds(second) > at) {
                return minute + seconds(second);
            }
        }
    }
    const auto next = minutes_.next_after(minute, zone);
    if (!next) return std::nullopt;
    unsigned first = 0;
    while (!seconds_.test(first)) ++first;
    return *next + seconds(first);
}

std::optional<Milliseconds> next_run(const Schedule& schedule, std::optional<Milliseconds> last,
                                     Milliseconds now) {
    const auto earliest = std::max(now, schedule.start.value_or(now));
    std::optional<Milliseconds> next;
    if (schedule.every.count() > 0) {
        // The slots of a schedule do not move when a run was late; missed ones are left out.
        const auto anchor = last.value_or(earliest - schedule.every);
        const auto slots = std::max<std::int64_t>((earliest - anchor) / schedule.every, 0);
        const bool is_on_slot = anchor + slots * schedule.every == earliest && slots > 0;
        next = anchor + (is_on_slot ? slots : slots + 1) * schedule.every;
    } else {
        // Not before the clock says so: a run that came early must not come twice.
        next = next_of_pattern(schedule, std::max(earliest, last.value_or(earliest)));
    }
    if (next && schedule.end && *next > *schedule.end) return std::nullopt;
    return next;
}

}  // namespace chatflow::jobs
