#include "controller/cli/simulation_report.hpp"

#include "controller/cli/paragraphs.hpp"
#include "controller/cli/simulate_arguments.hpp"
#include "controller/cli/simulation_plot.hpp"
#include "controller/cli/terminal_chart.hpp"
#include "controller/domain/simulation/generate.hpp"
#include "controller/domain/simulation/simulate.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using namespace std::chrono_literals;
using simulation::Run;
using testing::HasSubstr;

std::vector<Run> some_runs() {
    const api::ScalingPolicySpec spec =
        scaling::test::a_policy().between(1, 100).cpu_band(70, 30, 60);
    const auto load = simulation::generate(simulation::Shape::FlashCrowd, 7, 2h);
    return {simulation::simulate("a policy with a name that is far too long", spec, load, {}),
            simulation::simulate("<hpa> & \"co\"", simulation::as_hpa(spec, 50), load, {}),
            simulation::consult(simulation::Oracle::Static, spec, load, {})};
}

TEST(SimulationReport, FitsATerminalOfEightyColumns) {
    std::istringstream lines(simulation_text(some_runs(), {}));
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        EXPECT_LE(columns_of(line), kColumnsMax) << line;
    }
    EXPECT_GT(count, 20);
}

TEST(SimulationReport, IsTheSameBytesForTheSameInputs) {
    const auto first = some_runs();
    const auto again = some_runs();
    EXPECT_EQ(simulation_text(first, {}), simulation_text(again, {}));
    EXPECT_EQ(simulation_json(first, {}).dump(), simulation_json(again, {}).dump());
    EXPECT_EQ(simulation_svg(first), simulation_svg(again));
}

TEST(SimulationReport, JsonHasOneEntryPerRunWithItsChanges) {
    const auto runs = some_runs();
    const nlohmann::json json = simulation_json(runs, {});
    ASSERT_EQ(json["runs"].size(), 3);
    EXPECT_EQ(json["runs"][0]["changes"], runs[0].summary.changes);
    EXPECT_EQ(json["runs"][0]["changeList"].size(), runs[0].changes.size());
    EXPECT_EQ(json["settings"]["requestMilli"], 200);
}

TEST(SimulationPlot, ShowsEachRunAndEscapesNames) {
    const std::string svg = simulation_svg(some_runs());
    EXPECT_THAT(svg, HasSubstr("&lt;hpa&gt; &amp;"));
    EXPECT_THAT(svg, HasSubstr("Replicas, pods"));
    EXPECT_THAT(svg, HasSubstr("time, UTC"));
    EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(TerminalChart, KeepsThePeakOfEachColumn) {
    std::vector<double> values(700, 0.0);
    values[355] = 8;
    const std::string chart = terminal_chart(values, 2);
    EXPECT_THAT(chart, HasSubstr("8 ┤"));
    EXPECT_THAT(chart, HasSubstr("█"));
    EXPECT_EQ(terminal_chart({}, 1), "      0 ┤\n");
}

TEST(SimulateArguments, ReadsTimesAndRefusesOthers) {
    EXPECT_EQ(duration_of("90", "--step"), 90s);
    EXPECT_EQ(duration_of("1h30m", "--step"), 90min);
    EXPECT_EQ(duration_of("7d", "--step"), std::chrono::days{7});
    for (const char* bad : {"", "h", "-5s", "5x", "1h30", "99999999999999999999s", "1000d"}) {
        EXPECT_THROW((void)duration_of(bad, "--step"), std::runtime_error) << bad;
    }
}

TEST(SimulateArguments, RefusesDelaysAndAmountsOutOfBounds) {
    EXPECT_THROW((void)settings_of({.pod_start = "2h"}), std::runtime_error);
    EXPECT_THROW((void)settings_of({.request = "0"}), std::runtime_error);
    EXPECT_THROW((void)settings_of({.limit = "much"}), std::runtime_error);
    EXPECT_EQ(settings_of({.request = "2"}).request, 2000);
}

}  // namespace
}  // namespace chatflow::cli
