#include "controller/domain/prediction/load_series.hpp"

#include <algorithm>
#include <iterator>

namespace chatflow::prediction {
namespace {

std::int64_t floor_divided(std::chrono::microseconds time, std::chrono::microseconds by) {
    return (time.count() - (time.count() % by.count() + by.count()) % by.count()) / by.count();
}

}  // namespace

TimePoint LoadSeries::end() const {
    return samples.empty() ? start : start + step * std::ssize(samples) - step;
}

std::optional<std::int64_t> LoadSeries::at(TimePoint when) const {
    if (samples.empty() || when < start || when > end()) return std::nullopt;
    const std::chrono::microseconds past = when - start;
    const std::chrono::microseconds width = step;
    const auto index = static_cast<std::size_t>(past / width);
    const std::chrono::microseconds rest = past % width;
    const auto& left = samples[index];
    if (!left || rest.count() == 0) return left;
    const auto& right = samples[index + 1];
    if (!right) return std::nullopt;
    const double part = static_cast<double>(rest.count()) / static_cast<double>(width.count());
    return *left + static_cast<std::int64_t>(static_cast<double>(*right - *left) * part);
}

LoadSeries LoadSeries::between(TimePoint from, TimePoint to) const {
    LoadSeries part{.start = start, .step = step, .samples = {}};
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const TimePoint taken = start + step * static_cast<std::int64_t>(i);
        if (taken < from || taken >= to) continue;
        if (part.samples.empty()) part.start = taken;
        part.samples.push_back(samples[i]);
    }
    return part;
}

LoadSeries by_slot(const LoadSeries& series, std::chrono::seconds slot) {
    LoadSeries slots{.start = series.start, .step = slot, .samples = {}};
    if (series.samples.empty()) return slots;
    const std::int64_t first = floor_divided(series.start.time_since_epoch(), slot);
    const std::int64_t last = floor_divided(series.end().time_since_epoch(), slot);
    slots.start = TimePoint{std::chrono::seconds{slot * first}};
    const auto count = static_cast<std::size_t>(last - first + 1);
    std::vector<std::int64_t> sums(count, 0);
    std::vector<std::int64_t> seen(count, 0);
    for (std::size_t i = 0; i < series.samples.size(); ++i) {
        if (!series.samples[i]) continue;
        const TimePoint taken = series.start + series.step * static_cast<std::int64_t>(i);
        const auto at =
            static_cast<std::size_t>(floor_divided(taken.time_since_epoch(), slot) - first);
        sums[at] += *series.samples[i];
        ++seen[at];
    }
    const std::int64_t whole = std::max<std::int64_t>(1, slot / series.step);
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_enough = seen[i] > 0 && 2 * seen[i] >= whole;
        slots.samples.push_back(is_enough ? std::optional{sums[i] / seen[i]} : std::nullopt);
    }
    return slots;
}

}  // namespace chatflow::prediction
