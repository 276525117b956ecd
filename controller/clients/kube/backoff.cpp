#include "controller/clients/kube/backoff.hpp"

#include <algorithm>

namespace chatflow::kube {

std::chrono::milliseconds Backoff::after_failure(std::chrono::milliseconds lasted, double random) {
    if (lasted >= options_.healthy_after) next_ = options_.first;
    const auto delay = std::chrono::duration<double, std::milli>(next_) * (1.0 + random);
    next_ = std::min(next_ * 2, options_.most);
    return std::chrono::duration_cast<std::chrono::milliseconds>(delay);
}

}  // namespace chatflow::kube
