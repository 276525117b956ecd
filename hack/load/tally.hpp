#pragma once

#include "hack/load/latencies.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace chatflow::load {

/// What became of requests, in a second or in a whole run.
struct Tally {
    std::uint64_t succeeded = 0;
    std::uint64_t not_sent = 0;                   // their time was past already
    std::map<std::string, std::uint64_t> failed;  // by reason: "timeout", "status 503", …
    std::uint64_t connections_made = 0;
    Latencies latencies;  // of those that succeeded, from the time they were due

    void add(const Tally& other);
    [[nodiscard]] std::uint64_t failures() const;
};

/// "12 s  500/s  errors 0  p50 1.3 ms  p99 8.2 ms"
[[nodiscard]] std::string progress_line(const Tally& second, std::chrono::seconds at,
                                        std::chrono::duration<double> length);

/// Several lines for people.
[[nodiscard]] std::string summary_text(const Tally& whole, std::chrono::duration<double> length);

/// The same as one JSON object.
[[nodiscard]] std::string summary_json(const Tally& whole, std::chrono::duration<double> length);

}  // namespace chatflow::load
