#pragma once

#include "controller/domain/prediction/load_series.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace chatflow::cli {

// A year by the minute, and room for more.
inline constexpr std::size_t kLoadSamplesMax = 1'000'000;

/// Reads lines of `time,load`: the time as RFC 3339 or seconds since 1970, in steps of the same
/// length, rising; the load as a number of units (cores), empty or NaN where there is no data. A
/// first line of words is skipped, as are empty lines and those that begin with '#'. Left-out steps
/// become gaps. The error names the line, what stands there and what is expected.
[[nodiscard]] std::expected<prediction::LoadSeries, std::string> parse_load_csv(
    std::string_view text);

/// The same, to be read again.
[[nodiscard]] std::string to_csv(const prediction::LoadSeries& load);

}  // namespace chatflow::cli
