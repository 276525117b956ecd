#include "libs/events/retry.hpp"

#include <algorithm>
#include <cmath>

namespace chatflow::events {

std::optional<std::chrono::milliseconds> decide_retry(const RetryPolicy& policy, unsigned attempt,
                                                      double random) {
    if (attempt >= policy.attempts_max) return std::nullopt;
    using Milliseconds = std::chrono::duration<double, std::milli>;
    const double doubled = std::exp2(static_cast<double>(attempt) - 1);
    const auto whole =
        std::min(Milliseconds(policy.first_delay) * doubled, Milliseconds(policy.delay_max));
    const auto delay = whole * (1 - std::clamp(policy.jitter, 0.0, 1.0) * random);
    return std::chrono::duration_cast<std::chrono::milliseconds>(delay);
}

}  // namespace chatflow::events
