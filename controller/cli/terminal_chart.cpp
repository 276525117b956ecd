#include "controller/cli/terminal_chart.hpp"

#include "controller/cli/paragraphs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace chatflow::cli {
namespace {

constexpr int kEighths = 8;
constexpr std::array<std::string_view, kEighths + 1> kBars = {" ", "▁", "▂", "▃", "▄",
                                                              "▅", "▆", "▇", "█"};

std::vector<double> in_columns(std::span<const double> values) {
    std::vector<double> columns(std::min(values.size(), kChartColumns), 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        double& column = columns[i * columns.size() / values.size()];
        column = std::max(column, values[i]);
    }
    return columns;
}

std::string scale_mark(double most, int row, int rows) {
    if (row != rows - 1 && row != 0) return std::string(kChartMargin, ' ');
    const double value = row == 0 ? 0 : most;
    return fmt::format("{:>7.4g} ┤", value);
}

}  // namespace

std::string terminal_chart(std::span<const double> values, int rows) {
    const std::vector<double> columns = in_columns(values);
    const double most = columns.empty() ? 0 : std::ranges::max(columns);
    std::string text;
    for (int row = rows - 1; row >= 0; --row) {
        text += scale_mark(most, row, rows);
        std::string line;
        for (const double value : columns) {
            const int height =
                most > 0 ? static_cast<int>(std::ceil(value / most * rows * kEighths)) : 0;
            line +=
                kBars[static_cast<std::size_t>(std::clamp(height - row * kEighths, 0, kEighths))];
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return text;
}

std::string cut_to_columns(std::string_view text, std::size_t columns) {
    if (columns_of(text) <= columns) return std::string(text);
    std::string part;
    std::size_t count = 0;
    for (const char c : text) {
        const bool starts = (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
        if (starts && ++count == columns) break;
        part += c;
    }
    return part + "…";
}

}  // namespace chatflow::cli
