#pragma once

#include "libs/base/cron.hpp"
#include "libs/jobs/job.hpp"

#include <bitset>
#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace chatflow::jobs {

/// A crontab expression with an optional first field for seconds, as BullMQ's schedulers have it.
class CronPattern {
 public:
    /// Also @hourly, @daily, @weekly, @monthly, @yearly. The reason completes "must be …".
    [[nodiscard]] static std::expected<CronPattern, std::string> parse(std::string_view text);

    [[nodiscard]] std::optional<TimePoint> next_after(TimePoint at,
                                                      const std::chrono::time_zone& zone) const;

 private:
    explicit CronPattern(Cron minutes) : minutes_(minutes) { seconds_.set(0); }

    Cron minutes_;
    std::bitset<60> seconds_;
};

/// Jobs that come again. As the hash of a job scheduler says.
struct Schedule {
    std::chrono::milliseconds every{0};  // 0: by `pattern`
    std::string pattern;
    std::string time_zone;  // IANA; empty: UTC
    std::chrono::milliseconds offset{0};
    std::optional<std::int64_t> limit;  // jobs in all
    std::optional<Milliseconds> start;
    std::optional<Milliseconds> end;

    bool operator==(const Schedule&) const = default;
};

/// The moment of the job after the one of `last` (nothing: of the first), `now` at the earliest.
/// Nothing when there is none, or the schedule says nothing that can be used.
[[nodiscard]] std::optional<Milliseconds> next_run(const Schedule& schedule,
                                                   std::optional<Milliseconds> last,
                                                   Milliseconds now);

}  // namespace chatflow::jobs
