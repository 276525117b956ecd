#include "libs/jobs/schedule.hpp"

#include <gtest/gtest.h>

namespace chatflow::jobs {
namespace {

using namespace std::chrono_literals;

Milliseconds at(const char* text) {
    return std::chrono::floor<std::chrono::milliseconds>(*parse_rfc3339(text));
}

TEST(NextRun, EveryIsNowFirstAndThenByTheSameSlots) {
    const Schedule schedule{.every = 400ms};
    const auto now = Milliseconds(1'000'027ms);
    EXPECT_EQ(next_run(schedule, std::nullopt, now), now);
    EXPECT_EQ(next_run(schedule, now, now + 3ms), now + 400ms);
    EXPECT_EQ(next_run(schedule, now, now + 399ms), now + 400ms);
}

TEST(NextRun, EveryLeavesOutWhatWasMissed) {
    const Schedule schedule{.every = 400ms};
    const auto last = Milliseconds(1'000'000ms);
    EXPECT_EQ(next_run(schedule, last, last + 1300ms), last + 1600ms);
    EXPECT_EQ(next_run(schedule, last, last + 1200ms), last + 1200ms);
}

TEST(NextRun, APatternIsOfItsTimeZone) {
    const Schedule schedule{.pattern = "30 9 * * *", .time_zone = "Europe/Berlin"};
    EXPECT_EQ(next_run(schedule, std::nullopt, at("2026-11-21T08:00:00Z")),
              at("2026-11-21T08:30:00Z"));
    EXPECT_EQ(next_run(schedule, std::nullopt, at("2026-07-01T08:00:00Z")),
              at("2026-07-02T07:30:00Z"));
}

TEST(NextRun, APatternMayHaveSeconds) {
    const Schedule schedule{.pattern = "*/20 * * * * *"};
    EXPECT_EQ(next_run(schedule, std::nullopt, at("2026-11-21T08:00:00Z")),
              at("2026-11-21T08:00:20Z"));
    EXPECT_EQ(next_run(schedule, std::nullopt, at("2026-11-21T08:00:45Z")),
              at("2026-11-21T08:01:00Z"));
    // A job that came early must not come twice.
    EXPECT_EQ(next_run(schedule, at("2026-11-21T08:00:20Z"), at("2026-11-21T08:00:19.998Z")),
              at("2026-11-21T08:00:40Z"));
}

TEST(NextRun, EndsWithTheScheduleAndBeginsWithIt) {
    Schedule schedule{.pattern = "@hourly"};
    schedule.end = at("2026-11-21T08:30:00Z");
    EXPECT_EQ(next_run(schedule, std::nullopt, at("2026-11-21T08:00:00Z")), std::nullopt);
    schedule = {.every = 1s};
    schedule.start = at("2026-11-21T09:00:00Z");
    EXPECT_EQ(next_run(schedule, std::nullopt, at("2026-11-21T08:00:00Z")), schedule.start);
}

TEST(NextRun, OfWhatCannotBeUsedThereIsNone) {
    for (const auto* pattern : {"", "* * *", "61 * * * * *", "5-1 * * * * *", "*/0 * * * * *"}) {
        EXPECT_FALSE(next_run({.pattern = pattern}, std::nullopt, Milliseconds(1s))) << pattern;
    }
    const Schedule nowhere{.pattern = "* * * * *", .time_zone = "Middle/Earth"};
    EXPECT_FALSE(next_run(nowhere, std::nullopt, Milliseconds(1s)));
}

}  // namespace
}  // namespace chatflow::jobs
