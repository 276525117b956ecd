#pragma once

#include "hack/load/latencies.hpp"
#include "hack/load/options.hpp"
#include "hack/load/requests.hpp"

#include <array>
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
    std::array<Latencies, kKinds> by_kind;

    void add(const Tally& other);
    [[nodiscard]] std::uint64_t failures() const;
    /// Of all that were due: those not sent have failed as well.
    [[nodiscard]] double failed_share() const;
    [[nodiscard]] bool meets(const Goal& goal) const;
};

/// "12 s  500/s  errors 0  p50 1.3 ms  p99 8.2 ms"
[[nodiscard]] std::string progress_line(const Tally& second, std::chrono::seconds at,
                                        std::chrono::duration<double> length);

/// Several lines for people.
[[nodiscard]] std::string summary_text(const Tally& whole, std::chrono::duration<double> length);

/// "p95 < 200 ms and errors < 0.1 %: met"
[[nodiscard]] std::string goal_text(const Goal& goal, bool is_met);

/// The summary as one JSON object.
[[nodiscard]] std::string summary_json(const Tally& whole, std::chrono::duration<double> length);

}  // namespace chatflow::load
