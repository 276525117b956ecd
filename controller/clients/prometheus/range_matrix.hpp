#pragma once

#include "controller/api/scaling_decision.hpp"
#include "libs/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

namespace chatflow::prom {

/// Both ends are included. Prometheus refuses more than 11,000 points: ask for parts.
struct Range {
    TimePoint from{};
    TimePoint to{};
    std::chrono::seconds step{60};

    [[nodiscard]] std::size_t points() const {
        return to < from ? 0 : static_cast<std::size_t>((to - from) / step) + 1;
    }
};

inline constexpr std::size_t kRangePointsMax = 10'000;

/// The one series of an answer of /api/v1/query_range, in thousandths, one entry per step of
/// `range`; nothing where there is no sample or no number. An answer without any series is an
/// EmptyResult, one with several is a QueryFailed that says to sum them.
[[nodiscard]] std::expected<std::vector<std::optional<std::int64_t>>, api::MetricError> read_range(
    std::string_view body, const Range& range);

}  // namespace chatflow::prom
