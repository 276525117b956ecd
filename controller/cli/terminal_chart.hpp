#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace chatflow::cli {

inline constexpr std::size_t kChartColumns = 70;
inline constexpr std::size_t kChartMargin = 9;  // the scale on the left; 79 columns in all

/// Bars in eighths of a line, from 0 to the greatest value, which stands on the left; a column
/// shows the greatest of its values. Each of the `rows` lines ends in '\n'.
[[nodiscard]] std::string terminal_chart(std::span<const double> values, int rows);

/// The first characters of UTF-8 text, with an ellipsis where it was longer.
[[nodiscard]] std::string cut_to_columns(std::string_view text, std::size_t columns);

}  // namespace chatflow::cli
