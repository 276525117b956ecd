#include "controller/cli/simulation_report.hpp"

#include "controller/cli/paragraphs.hpp"
#include "controller/cli/terminal_chart.hpp"
#include "controller/domain/simulation/result.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

namespace chatflow::cli {
namespace {

using simulation::Point;
using simulation::Run;
using simulation::Settings;
using simulation::Summary;

// More would not be read one under the other.
constexpr std::size_t kChartedRunsMax = 3;
constexpr std::size_t kNameColumns = 20;
constexpr int kLoadRows = 6;
constexpr int kReplicaRows = 5;

std::string time_line(const Run& run) {
    const std::string from = format_rfc3339(run.points.front().at);
    const std::string to = format_rfc3339(run.points.back().at);
    const std::size_t width = kChartColumns + kChartMargin;
    return std::string(kChartMargin, ' ') + from +
           std::string(width - kChartMargin - from.size() - to.size(), ' ') + to + '\n';
}

template <class Value>
std::vector<double> values_of(const Run& run, Value value) {
    std::vector<double> values;
    values.reserve(run.points.size());
    for (const Point& point : run.points) values.push_back(value(point));
    return values;
}

std::string charts_of(std::span<const Run> runs) {
    const auto load_of = [](const Point& point) { return static_cast<double>(point.load) / 1000; };
    const auto count_of = [](const Point& point) { return static_cast<double>(point.replicas); };
    std::string text = "Load, the greatest of each column\n";
    text += terminal_chart(values_of(runs.front(), load_of), kLoadRows);
    text += time_line(runs.front());
    for (const Run& run : runs.first(std::min(runs.size(), kChartedRunsMax))) {
        text += fmt::format("\nReplicas, {}\n", run.name);
        text += terminal_chart(values_of(run, count_of), kReplicaRows);
    }
    return text + '\n';
}

std::string minutes(std::int64_t seconds) {
    return fmt::format("{:.1f}", static_cast<double>(seconds) / 60);
}

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

std::string text_of(const api::SimulatedRun& run) {
    return fmt::format("{} {:>8} {:>8} {:>8.3f} {:>9.1f} {:>7} {:>5} {:>4}\n",
                       padded(cut_to_columns(run.name, kNameColumns), kNameColumns),
                       minutes(run.under_provisioned_seconds), minutes(run.longest_under_seconds),
                       static_cast<double>(run.unserved_percent.milli()) / 1000,
                       static_cast<double>(run.pod_seconds) / 3600, run.changes, run.flips,
                       run.most_replicas);
}

std::string prediction_line(const Run& run) {
    const Summary& sum = run.summary;
    if (sum.predicted_slots == 0) return {};
    return paragraph(fmt::format(
        "{}: the prediction's bound held for {:.1f} % of {} slots, and was used for {:.1f} % of "
        "the time",
        run.name, percent(sum.covered_slots, sum.predicted_slots), sum.predicted_slots,
        percent(static_cast<double>(sum.predicting.count()),
                static_cast<double>(sum.span.count()))));
}

}  // namespace

std::string simulation_rows(std::span<const api::SimulatedRun> runs, std::size_t indent) {
    const std::string margin(indent, ' ');
    std::string text = fmt::format("{}{} {:>8} {:>8} {:>8} {:>9} {:>7} {:>5} {:>4}\n", margin,
                                   padded("", kNameColumns), "under", "longest", "unserved",
                                   "pod-hours", "changes", "flips", "most");
    text +=
        fmt::format("{}{} {:>8} {:>8} {:>8} {:>9} {:>7} {:>5} {:>4}\n", margin,
                    padded("policy", kNameColumns), "minutes", "minutes", "%", "", "", "", "pods");
    for (const api::SimulatedRun& run : runs) text += margin + text_of(run);
    return text;
}

std::string simulation_table(std::span<const Run> runs, const Settings& settings) {
    std::vector<api::SimulatedRun> rows;
    for (const Run& run : runs) rows.push_back(simulation::row_of(run));
    std::string text = simulation_rows(rows) + '\n';
    for (const Run& run : runs) text += prediction_line(run);
    text += paragraph(fmt::format(
        "under: load above {} % of what the ready pods request ({}m each); unserved: above what "
        "they can do at most ({}m each); flips: changes of direction. static and oracle know the "
        "future.",
        settings.full_percent, settings.request, settings.limit_or_request()));
    return text;
}

std::string simulation_text(std::span<const Run> runs, const Settings& settings) {
    return charts_of(runs) + simulation_table(runs, settings);
}

}  // namespace chatflow::cli
