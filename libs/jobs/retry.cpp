#include "libs/jobs/retry.hpp"

#include <algorithm>
#include <cmath>

namespace chatflow::jobs {

std::chrono::milliseconds backoff_delay(const Backoff& backoff, std::uint32_t attempts_made,
                                        double chance) {
    auto delay = static_cast<double>(backoff.delay.count());
    if (backoff.kind == Backoff::Kind::Exponential && attempts_made > 1) {
        delay *= std::exp2(std::min(attempts_made - 1, 62U));
    }
    delay = std::min(delay, static_cast<double>(kBackoffMax.count()));
    delay = delay * (1 - backoff.jitter) + delay * backoff.jitter * chance;
    return std::chrono::milliseconds(std::llround(delay));
}

std::optional<std::chrono::milliseconds> next_attempt(const Job& job, double chance) {
    const std::uint32_t attempts_made = job.attempts_made + 1;
    if (attempts_made >= job.options.attempts) return std::nullopt;
    return backoff_delay(job.options.backoff, attempts_made, chance);
}

}  // namespace chatflow::jobs
