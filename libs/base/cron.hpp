#pragma once

#include "libs/base/time.hpp"

#include <bitset>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow {

/// Moments that come again: the five fields of crontab (minute, hour, day of the month, month, day
/// of the week; `*`, lists, ranges, steps, and names such as MON or JAN). Where both days are
/// given, either is enough. A local time that a clock change leaves out happens when the clock has
/// changed; one that comes twice happens the first time. A value.
class Cron {
 public:
    /// The reason, which completes "must be …", where `text` is no such expression or names a day
    /// that never comes.
    [[nodiscard]] static std::expected<Cron, std::string> parse(std::string_view text);

    /// The last moment up to `at`, `at` included. Nothing within kSearchYears is nothing.
    [[nodiscard]] std::optional<TimePoint> last_until(TimePoint at,
                                                      const std::chrono::time_zone& zone) const;

    /// The first moment after `at`.
    [[nodiscard]] std::optional<TimePoint> next_after(TimePoint at,
                                                      const std::chrono::time_zone& zone) const;

    static constexpr int kSearchYears = 9;  // 29 February of 1896 was followed by that of 1904

    bool operator==(const Cron&) const = default;

 private:
    [[nodiscard]] bool has_day(std::chrono::year_month_day day) const;

    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;      // 1 to 31
    std::bitset<13> months_;    // 1 to 12
    std::bitset<7> week_days_;  // 0 is Sunday
    bool any_day_ = false;      // * for the day of the month
    bool any_week_day_ = false;
};

/// The IANA time zone of that name ("Europe/Berlin", "UTC"), or null. Belongs to the process.
[[nodiscard]] const std::chrono::time_zone* find_time_zone(std::string_view name);

}  // namespace chatflow
