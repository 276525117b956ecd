#include "hack/load/chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>

#include <fmt/format.h>

namespace chatflow::load {
namespace {

using Value = std::function<double(const Second&)>;

constexpr std::size_t kColumnsMax = 72;  // of the terminal

double milliseconds(Latencies::Time time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

// Of neighbours that share a column the greatest is shown.
std::vector<double> columns_of(const std::vector<Second>& seconds, const Value& value) {
    const std::size_t columns = std::min(seconds.size(), kColumnsMax);
    std::vector<double> greatest(columns, 0);
    for (std::size_t i = 0; i < seconds.size(); ++i) {
        double& column = greatest[i * columns / seconds.size()];
        column = std::max(column, value(seconds[i]));
    }
    return greatest;
}

std::string blocks(const std::vector<double>& values) {
    constexpr std::array<std::string_view, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const double most = values.empty() ? 0 : *std::ranges::max_element(values);
    std::string line;
    for (const double value : values) {
        const double share = most > 0 ? value / most : 0;
        line += kBlocks[static_cast<std::size_t>(std::lround(share * (kBlocks.size() - 1)))];
    }
    return line;
}

// ---- the picture: two fields of the same width, one above the other ------------------------

constexpr double kLeft = 70;
constexpr double kWidth = 780;
constexpr double kRateTop = 50;
constexpr double kLatencyTop = 270;
constexpr double kHeight = 170;
constexpr double kWhole = 480;

struct Field {
    double top;
    double from;  // value at the lower edge
    double to;    // value at the upper edge
    bool is_logarithmic;

    [[nodiscard]] double y(double value) const {
        const auto scaled = [this](double v) { return is_logarithmic ? std::log10(v) : v; };
        const double within = std::clamp(value, from, to);
        return top + kHeight * (1 - (scaled(within) - scaled(from)) / (scaled(to) - scaled(from)));
    }
};

std::string text_at(double x, double y, std::string_view anchor, std::string_view text) {
    return fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"{}\">{}</text>\n", x, y,
                       anchor, text);
}

std::string line_across(const Field& field, double value, std::string_view label) {
    const double y = field.y(value);
    return fmt::format(
               "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#ddd\"/>\n",
               kLeft, kLeft + kWidth, y) +
           text_at(kLeft - 6, y + 4, "end", label);
}

std::string curve(const std::vector<Second>& seconds, const Field& field, std::string_view colour,
                  const Value& value) {
    const double last = std::max<double>(1, static_cast<double>(seconds.back().at.count()));
    std::string points;
    for (const Second& second : seconds) {
        points += fmt::format("{:.1f},{:.1f} ",
                              kLeft + kWidth * static_cast<double>(second.at.count()) / last,
                              field.y(value(second)));
    }
    return fmt::format(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/>\n", points,
        colour);
}

// A round number that is not less: 1, 2 or 5 times a power of ten.
double round_up(double value) {
    const double power = std::pow(10, std::floor(std::log10(std::max(value, 1.0))));
    for (const double step : {1.0, 2.0, 5.0}) {
        if (value <= step * power) return step * power;
    }
    return 10 * power;
}

std::string rate_field(const std::vector<Second>& seconds) {
    double most = 1;
    for (const Second& second : seconds) most = std::max({most, second.rate, second.failed});
    const Field field{.top = kRateTop, .from = 0, .to = round_up(most), .is_logarithmic = false};
    std::string text = text_at(kLeft, kRateTop - 8, "start", "answers/s (blue), errors/s (red)");
    for (const double share : {0.0, 0.5, 1.0}) {
        text += line_across(field, share * field.to, fmt::format("{:g}", share * field.to));
    }
    text += curve(seconds, field, "#1f6fb4", [](const Second& second) { return second.rate; });
    text += curve(seconds, field, "#c0392b", [](const Second& second) { return second.failed; });
    return text;
}

std::string latency_field(const std::vector<Second>& seconds) {
    constexpr double kLeast = 0.1;  // ms
    double most = 1;
    for (const Second& second : seconds) most = std::max(most, milliseconds(second.p99));
    const double top = std::pow(10, std::ceil(std::log10(most)));
    const Field field{
        .top = kLatencyTop, .from = kLeast, .to = std::max(top, 10.0), .is_logarithmic = true};
    std::string text = text_at(kLeft, kLatencyTop - 8, "start",
                               "latency in ms: p50 (green), p95 (orange), p99 (purple)");
    for (double value = kLeast; value <= field.to * 1.001; value *= 10) {
        text += line_across(field, value, fmt::format("{:g}", value));
    }
    const auto of = [](Latencies::Time Second::* place) {
        return [place](const Second& second) { return milliseconds(second.*place); };
    };
    text += curve(seconds, field, "#2e8b57", of(&Second::p50));
    text += curve(seconds, field, "#e08e0b", of(&Second::p95));
    text += curve(seconds, field, "#7d3c98", of(&Second::p99));
    return text;
}

}  // namespace

Second second_of(const Tally& tally, std::chrono::seconds at,
                 std::chrono::duration<double> length) {
    const auto per_second = [&](std::uint64_t count) {
        return length.count() > 0 ? static_cast<double>(count) / length.count() : 0;
    };
    return {.at = at,
            .rate = per_second(tally.succeeded),
            .failed = per_second(tally.failures() + tally.not_sent),
            .p50 = tally.latencies.percentile(0.5),
            .p95 = tally.latencies.percentile(0.95),
            .p99 = tally.latencies.percentile(0.99)};
}

std::string terminal_chart(const std::vector<Second>& seconds) {
    const auto rates = columns_of(seconds, [](const Second& second) { return second.rate; });
    const auto p95s = columns_of(seconds, [](const Second& s) { return milliseconds(s.p95); });
    if (rates.empty()) return {};
    return fmt::format("answers/s    {} at most {:.0f}\np95          {} at most {:.1f} ms\n",
                       blocks(rates), *std::ranges::max_element(rates), blocks(p95s),
                       *std::ranges::max_element(p95s));
}

std::string svg_chart(const std::vector<Second>& seconds, std::string_view title) {
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
        "viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"12\">\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        kLeft + kWidth + 30, kWhole);
    svg += text_at(kLeft, 20, "start", title);
    if (!seconds.empty()) {
        svg += rate_field(seconds) + latency_field(seconds);
        svg += text_at(kLeft + kWidth, kWhole - 12, "end",
                       fmt::format("{} s", seconds.back().at.count()));
        svg += text_at(kLeft, kWhole - 12, "start", "0 s");
    }
    return svg + "</svg>\n";
}

}  // namespace chatflow::load
