#pragma once

#include <chrono>
#include <optional>

namespace chatflow::events {

/// What happens to an event whose handler failed.
struct RetryPolicy {
    unsigned attempts_max = 5;                    // the first one included; then the dead letters
    std::chrono::milliseconds first_delay{1000};  // doubled each time
    std::chrono::milliseconds delay_max{300'000};
    double jitter = 0.2;  // up to this share is taken off, so that failures do not come in step

    bool operator==(const RetryPolicy&) const = default;
};

/// How long to wait after attempt number `attempt` (from 1) has failed; nothing when it was the
/// last. `random` lies in [0, 1).
[[nodiscard]] std::optional<std::chrono::milliseconds> decide_retry(const RetryPolicy& policy,
                                                                    unsigned attempt,
                                                                    double random);

}  // namespace chatflow::events
