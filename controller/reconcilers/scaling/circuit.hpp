#pragma once

#include "controller/api/scaling_decision.hpp"

#include <chrono>
#include <cstddef>
#include <optional>

namespace chatflow {

/// Whether a server is worth a question. When several in a row had no answer it is not asked, but
/// for one probe at a time and a pause after each, until one is answered. Pure: time is an
/// argument.
class Circuit {
 public:
    using Moment = std::chrono::steady_clock::time_point;

    /// True: ask, and report the outcome. False: it would fail as last_failure() says.
    [[nodiscard]] bool admits(Moment now);
    void answered();
    void failed(api::MetricError failure, Moment now);
    /// It was asked, and nobody waited for the outcome.
    void gave_up() { is_probing_ = false; }

    [[nodiscard]] const api::MetricError& last_failure() const { return last_failure_; }

    // One question that is too heavy must not speak for the server.
    static constexpr std::size_t kFailuresToOpen = 2;
    static constexpr std::chrono::seconds kPause{5};

 private:
    std::size_t failures_ = 0;  // in a row
    bool is_probing_ = false;
    Moment next_probe_{};
    api::MetricError last_failure_;
};

}  // namespace chatflow
