#include "libs/base/time.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;

TimePoint at(std::string_view text) { return parse_rfc3339(text).value(); }

TEST(Rfc3339, IsReadAsItWasWritten) {
    const TimePoint moment{1795248000s + 123us};
    EXPECT_EQ(format_rfc3339_micro(moment), "2026-11-21T08:00:00.000123Z");
    EXPECT_EQ(format_rfc3339(moment), "2026-11-21T08:00:00Z");
    EXPECT_EQ(at("2026-11-21T08:00:00.000123Z"), moment);
}

TEST(Rfc3339, TakesOffsetsAndFractions) {
    EXPECT_EQ(at("2026-11-21T10:00:00+02:00"), at("2026-11-21T08:00:00Z"));
    EXPECT_EQ(at("2026-11-20T22:30:00-09:30"), at("2026-11-21T08:00:00Z"));
    EXPECT_EQ(at("2026-11-21T08:00:00.5Z") - at("2026-11-21T08:00:00Z"), 500ms);
    EXPECT_EQ(at("2026-11-21T08:00:00.123456789Z") - at("2026-11-21T08:00:00Z"), 123456us);
    EXPECT_EQ(at("2024-02-29T00:00:00Z") + 24h, at("2024-03-01T00:00:00Z"));
}

TEST(Rfc3339, RefusesWhatIsNone) {
    for (const auto* text : {"", "2026-11-21", "2026-11-21 08:00:00Z", "2026-11-21T08:00:00",
                             "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z",
                             "2026-11-21T08:00:00.Z", "2026-11-21T08:00:00Zx", "now"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
}

TEST(Age, ShowsTheTwoGreatestUnits) {
    EXPECT_EQ(format_age(0s), "0s");
    EXPECT_EQ(format_age(45s), "45s");
    EXPECT_EQ(format_age(5min + 30s), "5m30s");
    EXPECT_EQ(format_age(2h + 5min + 7s), "2h5m");
    EXPECT_EQ(format_age(76h), "3d4h");
}

}  // namespace
}  // namespace chatflow
