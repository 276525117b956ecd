#pragma once

#include "libs/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace chatflow::prediction {

/// The load of a target over time, in thousandths of its unit (milli-CPU for cores): what all pods
/// do together, not what each does. Sample i was taken at start + i × step.
struct LoadSeries {
    TimePoint start{};
    std::chrono::seconds step{60};
    std::vector<std::optional<std::int64_t>> samples;  // nothing: no data for that moment

    bool operator==(const LoadSeries&) const = default;

    /// When the last sample was taken; `start` where there is none.
    [[nodiscard]] TimePoint end() const;

    /// In between, on the line from one sample to the next. Nothing outside, and next to a gap.
    [[nodiscard]] std::optional<std::int64_t> at(TimePoint when) const;

    /// The samples in [from, to).
    [[nodiscard]] LoadSeries between(TimePoint from, TimePoint to) const;
};

/// Averages per slot: sample i is the mean of what lies in [start + i × slot, start + (i+1) ×
/// slot), with slots that begin at whole multiples of `slot` since the epoch, so that two series of
/// one load agree. A slot with fewer than half of its samples has no data.
[[nodiscard]] LoadSeries by_slot(const LoadSeries& series, std::chrono::seconds slot);

}  // namespace chatflow::prediction
