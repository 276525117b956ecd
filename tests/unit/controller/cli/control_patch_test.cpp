#include "controller/cli/control_patch.hpp"

#include <stdexcept>
#include <tuple>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr TimePoint kNow{std::chrono::sys_days{std::chrono::year{2026} / 3 / 14} + 12h};

TEST(ParseSpan, ReadsWhatPeopleWrite) {
    EXPECT_EQ(parse_span("90s"), 90s);
    EXPECT_EQ(parse_span("30m"), 30min);
    EXPECT_EQ(parse_span("1h30m"), 90min);
    EXPECT_EQ(parse_span("366d"), 366 * 24h);
    for (const char* text : {"", "30", "m", "0s", "-1h", "1w", "1.5h", "1h 30m", "367d",
                             "99999999999d", "2147483647d2147483647d"}) {
        EXPECT_EQ(parse_span(text), std::nullopt) << text;
    }
}

TEST(EndOf, IsAheadAndAWholeSecond) {
    EXPECT_EQ(end_of("", "30m", kNow + 1ms), kNow + 30min + 1s);
    EXPECT_EQ(end_of("2026-03-14T13:00:00Z", "30m", kNow), kNow + 1h);
    EXPECT_THROW(std::ignore = end_of("2026-03-14T12:00:00Z", "", kNow), std::invalid_argument);
    EXPECT_THROW(std::ignore = end_of("tomorrow", "", kNow), std::invalid_argument);
    EXPECT_THROW(std::ignore = end_of("", "soon", kNow), std::invalid_argument);
}

TEST(ControlPatches, SetAndTakeAwayFieldsOfTheSpec) {
    EXPECT_EQ(override_patch(8, "launch", kNow), json::parse(R"({"spec": {"override": {
        "replicas": 8, "reason": "launch", "until": "2026-03-14T12:00:00Z"}}})"));
    EXPECT_EQ(pause_patch(false, true, "x", kNow), json::parse(R"({"spec": {"pause": {
        "scaleUp": false, "scaleDown": true, "reason": "x", "until": "2026-03-14T12:00:00Z"}}})"));
    EXPECT_EQ(resume_patch(), json::parse(R"({"spec": {"override": null, "pause": null}})"));
    EXPECT_EQ(rebalance_patch(kNow),
              json::parse(R"({"spec": {"rebalance": {"requestedAt": "2026-03-14T12:00:00Z"}}})"));
}

}  // namespace
}  // namespace chatflow::cli
