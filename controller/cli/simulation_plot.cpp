#include "controller/cli/simulation_plot.hpp"

#include "libs/base/time.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace chatflow::cli {
namespace {

using simulation::Point;
using simulation::Run;

constexpr std::array<std::string_view, kPlottedRunsMax> kColours = {"#0072B2", "#D55E00", "#009E73",
                                                                    "#CC79A7"};
constexpr std::string_view kLoadColour = "#7F7F7F";
constexpr double kWidth = 960;
constexpr double kLeft = 70;
constexpr double kPlotWidth = 860;
constexpr std::size_t kColumns = 860;  // of the picture; a line is at most twice as long
constexpr std::size_t kTicks = 6;

/// A panel: its place in the picture and its scale, which begins at 0.
struct Panel {
    double top;
    double height;
    double most;

    [[nodiscard]] double y(double value) const { return top + height - value / most * height; }
};

/// 1, 2 or 5 times a power of ten: about four of them up to `most`.
double tick_step(double most) {
    const double raw = most / 4;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= raw) return factor * power;
    }
    return 10 * power;
}

std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        safe += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    }
    return safe;
}

void add_panel(std::string& svg, const Panel& panel, std::string_view title) {
    auto out = std::back_inserter(svg);
    const double step = tick_step(panel.most);
    for (double value = 0; value <= panel.most * 1.001; value += step) {
        fmt::format_to(out,
                       "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" "
                       "stroke=\"#dddddd\"/>\n"
                       "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5:g}</text>\n",
                       kLeft, kLeft + kPlotWidth, panel.y(value), kLeft - 8, panel.y(value) + 4,
                       value);
    }
    fmt::format_to(out, "<text x=\"{}\" y=\"{}\" font-weight=\"bold\">{}</text>\n", kLeft,
                   panel.top - 10, title);
}

/// The least and the greatest value of each column of pixels, so that no peak is lost.
template <class Value>
void add_line(std::string& svg, const Panel& panel, const Run& run, Value value,
              std::string_view colour) {
    auto out = std::back_inserter(svg);
    fmt::format_to(out,
                   "<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"1.4\" "
                   "stroke-linejoin=\"round\" points=\"",
                   colour);
    const std::size_t count = run.points.size();
    const std::size_t columns = std::min(count, kColumns);
    for (std::size_t column = 0; column < columns; ++column) {
        const auto first =
            run.points.begin() + static_cast<std::ptrdiff_t>(column * count / columns);
        const auto last =
            run.points.begin() + static_cast<std::ptrdiff_t>((column + 1) * count / columns);
        const auto less = [&](const Point& a, const Point& b) { return value(a) < value(b); };
        const auto [least, most] = std::minmax_element(first, last, less);
        const double x = kLeft + static_cast<double>(column) * kPlotWidth /
                                     static_cast<double>(std::max<std::size_t>(columns - 1, 1));
        const bool is_fall = most < least;
        const double begin = is_fall ? value(*most) : value(*least);
        const double end = is_fall ? value(*least) : value(*most);
        fmt::format_to(out, "{:.1f},{:.1f} ", x, panel.y(begin));
        if (begin != end) fmt::format_to(out, "{:.1f},{:.1f} ", x, panel.y(end));
    }
    svg += "\"/>\n";
}

void add_times(std::string& svg, const Run& run, double bottom) {
    auto out = std::back_inserter(svg);
    const TimePoint from = run.points.front().at;
    const auto span = run.points.back().at - from;
    const bool is_long = span > std::chrono::hours{48};
    for (std::size_t i = 0; i <= kTicks; ++i) {
        const std::string time = format_rfc3339(from + span * static_cast<std::int64_t>(i) /
                                                           static_cast<std::int64_t>(kTicks));
        const double x = kLeft + kPlotWidth * static_cast<double>(i) / kTicks;
        const std::string text =
            is_long ? time.substr(5, 5) + ' ' + time.substr(11, 5) : time.substr(11, 5);
        fmt::format_to(out,
                       "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" "
                       "stroke=\"#333333\"/>\n"
                       "<text x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>\n",
                       x, bottom, bottom + 5, bottom + 20, text);
    }
    fmt::format_to(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">time, UTC</text>\n",
                   kLeft + kPlotWidth / 2, bottom + 40);
}

void add_legend(std::string& svg, std::span<const Run> runs, double y) {
    auto out = std::back_inserter(svg);
    const double width = kPlotWidth / static_cast<double>(runs.size());
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const double x = kLeft + width * static_cast<double>(i);
        fmt::format_to(out,
                       "<line x1=\"{0:.0f}\" x2=\"{1:.0f}\" y1=\"{2}\" y2=\"{2}\" stroke=\"{3}\" "
                       "stroke-width=\"3\"/>\n"
                       "<text x=\"{4:.0f}\" y=\"{5}\">{6}: {7:.0f} pod-hours, {8:.0f} min "
                       "under</text>\n",
                       x, x + 22, y, kColours[i], x + 28, y + 4, escaped(runs[i].name),
                       static_cast<double>(runs[i].summary.pod_seconds) / 3600,
                       static_cast<double>(runs[i].summary.under_provisioned.count()) / 60);
    }
}

double greatest(std::span<const Run> runs, auto value) {
    double most = 0;
    for (const Run& run : runs) {
        for (const Point& point : run.points) most = std::max(most, value(point));
    }
    return most > 0 ? most * 1.05 : 1;
}

}  // namespace

std::string simulation_svg(std::span<const Run> all) {
    const auto runs = all.first(std::min(all.size(), kPlottedRunsMax));
    const auto load_of = [](const Point& point) { return static_cast<double>(point.load) / 1000; };
    const auto count_of = [](const Point& point) { return static_cast<double>(point.replicas); };
    const Panel above{40, 160, greatest(runs, load_of)};
    const Panel below{250, 240, greatest(runs, count_of)};
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} 590\" width=\"{0}\" "
        "height=\"590\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#222222\">\n"
        "<title>Simulated scaling: load and replicas</title>\n"
        "<rect width=\"{0}\" height=\"590\" fill=\"#ffffff\"/>\n",
        kWidth);
    add_panel(svg, above, "Load, units (cores)");
    add_line(svg, above, runs.front(), load_of, kLoadColour);
    add_panel(svg, below, "Replicas, pods");
    for (std::size_t i = runs.size(); i-- > 0;) {  // the first on top
        add_line(svg, below, runs[i], count_of, kColours[i]);
    }
    add_times(svg, runs.front(), below.top + below.height);
    add_legend(svg, runs, 565);
    return svg + "</svg>\n";
}

}  // namespace chatflow::cli
