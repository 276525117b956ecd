#include "hack/load/latencies.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace chatflow::load {

// Below 64 µs a class each; then 64 classes for each power of two.
std::size_t Latencies::class_of(std::uint64_t microseconds) {
    const auto width = static_cast<std::size_t>(std::bit_width(microseconds));
    constexpr std::size_t kWidthOfFirst = 6;  // of 64 - 1
    if (width <= kWidthOfFirst) return microseconds;
    const std::size_t shift = width - kWidthOfFirst - 1;
    const std::size_t index = (shift + 1) * kClassesPerDoubling +
                              static_cast<std::size_t>(microseconds >> shift) - kClassesPerDoubling;
    return std::min(index, kClassesPerDoubling * kDoublings - 1);
}

std::uint64_t Latencies::greatest_of(std::size_t index) {
    if (index < kClassesPerDoubling) return index;
    const std::size_t shift = index / kClassesPerDoubling - 1;
    const std::uint64_t first = kClassesPerDoubling + index % kClassesPerDoubling;
    return ((first + 1) << shift) - 1;
}

void Latencies::add(Time latency) {
    const Time known = std::max(latency, Time::zero());
    ++counts_[class_of(static_cast<std::uint64_t>(known.count()))];
    ++count_;
    max_ = std::max(max_, known);
}

void Latencies::add(const Latencies& others) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += others.counts_[i];
    count_ += others.count_;
    max_ = std::max(max_, others.max_);
}

Latencies::Time Latencies::percentile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (seen >= wanted && seen > 0) {
            return std::min(max_, Time(static_cast<std::int64_t>(greatest_of(i))));
        }
    }
    return max_;
}

}  // namespace chatflow::load
