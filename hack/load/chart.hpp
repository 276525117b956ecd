#pragma once

#include "hack/load/tally.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::load {

/// A point of the curves.
struct Second {
    std::chrono::seconds at{0};
    double rate = 0;  // answers
    double failed = 0;
    Latencies::Time p50{0};
    Latencies::Time p95{0};
    Latencies::Time p99{0};

    bool operator==(const Second&) const = default;
};

[[nodiscard]] Second second_of(const Tally& tally, std::chrono::seconds at,
                               std::chrono::duration<double> length);

/// Two lines of blocks for the terminal: answers and p95 over time, each with its greatest.
[[nodiscard]] std::string terminal_chart(const std::vector<Second>& seconds);

/// The same as a picture: answers a second above, p50, p95 and p99 below, on a logarithmic scale.
[[nodiscard]] std::string svg_chart(const std::vector<Second>& seconds, std::string_view title);

}  // namespace chatflow::load
