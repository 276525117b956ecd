#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace chatflow {

/// So many writes a second, and as many at once after a quiet second. One executor only.
class WriteBudget {
 public:
    using Moment = std::chrono::steady_clock::time_point;

    explicit WriteBudget(std::size_t per_second)
        : per_second_(static_cast<double>(per_second)), left_(per_second_) {}

    /// False: not now.
    [[nodiscard]] bool take(Moment now) {
        const std::chrono::duration<double> passed = now - since_;
        left_ = std::min(per_second_, left_ + passed.count() * per_second_);
        since_ = now;
        if (left_ < 1) return false;
        left_ -= 1;
        return true;
    }

 private:
    double per_second_;
    double left_;
    Moment since_{};
};

}  // namespace chatflow
