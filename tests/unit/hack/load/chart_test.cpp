#include "hack/load/chart.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace chatflow::load {
namespace {

using namespace std::chrono_literals;

std::vector<Second> a_minute() {
    std::vector<Second> seconds;
    for (int i = 1; i <= 60; ++i) {
        seconds.push_back({.at = std::chrono::seconds(i),
                           .rate = i * 10.0,
                           .p50 = 1ms,
                           .p95 = i == 30 ? 250ms : 5ms,
                           .p99 = 300ms});
    }
    return seconds;
}

std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
    return count;
}

TEST(SecondOf, CountsPerSecond) {
    Tally tally{.succeeded = 20, .not_sent = 1, .failed = {{"timeout", 3}}};
    tally.latencies.add(10ms);
    const Second second = second_of(tally, 7s, 2s);
    EXPECT_EQ(second,
              (Second{.at = 7s, .rate = 10, .failed = 2, .p50 = 10ms, .p95 = 10ms, .p99 = 10ms}));
    EXPECT_EQ(second_of(tally, 7s, 0s).rate, 0);
}

TEST(TerminalChart, ShowsTheGreatestOfEach) {
    const std::string chart = terminal_chart(a_minute());
    EXPECT_TRUE(chart.contains("at most 600")) << chart;
    EXPECT_TRUE(chart.contains("at most 250.0 ms")) << chart;
    EXPECT_EQ(terminal_chart({}), "");
}

TEST(TerminalChart, IsNoWiderThanATerminal) {
    std::vector<Second> hour;
    for (int i = 0; i < 3600; ++i) hour.push_back({.at = std::chrono::seconds(i), .rate = 5});
    hour[1800].p95 = 90ms;
    const std::string chart = terminal_chart(hour);
    EXPECT_EQ(count_of(chart.substr(0, chart.find('\n')), "█"), 72U);
    EXPECT_TRUE(chart.contains("at most 90.0 ms")) << "no peak is lost";
}

TEST(SvgChart, HasACurveForEachAndStaysInItsField) {
    const std::string svg = svg_chart(a_minute(), "a load");
    EXPECT_TRUE(svg.starts_with("<svg "));
    EXPECT_TRUE(svg.ends_with("</svg>\n"));
    EXPECT_EQ(count_of(svg, "<polyline"), 5U);
    EXPECT_TRUE(svg.contains("a load"));
    EXPECT_FALSE(svg.contains("nan"));
    EXPECT_FALSE(svg.contains(",-")) << "below the upper edge";
}

TEST(SvgChart, OfNothingIsAPictureStill) {
    EXPECT_TRUE(svg_chart({}, "").ends_with("</svg>\n"));
    EXPECT_FALSE(svg_chart({Second{}}, "").contains("nan"));
}

}  // namespace
}  // namespace chatflow::load
