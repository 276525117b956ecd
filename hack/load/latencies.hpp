#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace chatflow::load {

/// Many latencies in little memory: counts in classes that are at most 2 % wide, from 1 µs to
/// hours.
class Latencies {
 public:
    using Time = std::chrono::microseconds;

    void add(Time latency);
    void add(const Latencies& others);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] Time max() const { return max_; }

    /// The time within which `share` of all were done: 0.99 for the 99th percentile. Zero of none.
    [[nodiscard]] Time percentile(double share) const;

 private:
    static constexpr std::size_t kClassesPerDoubling = 64;
    static constexpr std::size_t kDoublings = 32;
    static std::size_t class_of(std::uint64_t microseconds);
    static std::uint64_t greatest_of(std::size_t index);

    std::array<std::uint64_t, kClassesPerDoubling * kDoublings> counts_{};
    std::uint64_t count_ = 0;
    Time max_{0};
};

}  // namespace chatflow::load
