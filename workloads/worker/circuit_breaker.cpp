#include "workloads/worker/circuit_breaker.hpp"

#include <algorithm>

namespace chatflow::worker {

bool CircuitBreaker::may_call(TimePoint now) {
    if (failures_ < kFailuresMax) return true;
    if (now < open_until_) return false;
    // The others wait for what this one finds out, for as long again if it never says.
    open_until_ = now + kPause;
    return true;
}

void CircuitBreaker::on_success() { failures_ = 0; }

void CircuitBreaker::on_failure(TimePoint now) {
    failures_ = std::min(failures_ + 1, kFailuresMax);
    if (failures_ == kFailuresMax) open_until_ = now + kPause;
}

std::chrono::milliseconds CircuitBreaker::pause_left(TimePoint now) const {
    if (failures_ < kFailuresMax || now >= open_until_) return std::chrono::milliseconds(0);
    return std::chrono::ceil<std::chrono::milliseconds>(open_until_ - now);
}

}  // namespace chatflow::worker
