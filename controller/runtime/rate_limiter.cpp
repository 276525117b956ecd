#include "controller/runtime/rate_limiter.hpp"

#include <algorithm>

namespace chatflow::runtime {

bool TokenBucket::try_take(Moment now) {
    fill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
}

TokenBucket::Duration TokenBucket::reserve(Moment now) {
    fill(now);
    tokens_ -= 1;
    if (tokens_ >= 0) return Duration::zero();
    const std::chrono::duration<double> wait{-tokens_ / per_second_};
    return std::chrono::ceil<std::chrono::milliseconds>(wait);
}

void TokenBucket::fill(Moment now) {
    if (filled_at_ != Moment::min()) {
        const std::chrono::duration<double> passed = now - filled_at_;
        tokens_ = std::min(burst_, tokens_ + std::max(0.0, passed.count()) * per_second_);
    }
    filled_at_ = now;
}

std::chrono::milliseconds retry_delay(const RetryLimits& limits, std::size_t failures) {
    auto delay = limits.first;
    for (std::size_t i = 0; i < failures && delay < limits.most; ++i) delay *= 2;
    return std::min(delay, limits.most);
}

}  // namespace chatflow::runtime
