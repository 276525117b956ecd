#pragma once

#include <chrono>
#include <cstddef>

namespace chatflow::runtime {

/// Fills with `per_second` tokens up to `burst`. Pure: time is an argument.
class TokenBucket {
 public:
    using Moment = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;

    TokenBucket(double per_second, double burst)
        : per_second_(per_second), burst_(burst), tokens_(burst) {}

    /// Takes a token that is there.
    [[nodiscard]] bool try_take(Moment now);

    /// Takes a token in any case; returns how long to wait until it is there.
    [[nodiscard]] Duration reserve(Moment now);

 private:
    void fill(Moment now);

    double per_second_;
    double burst_;
    double tokens_;
    Moment filled_at_ = Moment::min();
};

/// How often one key, and all keys together, may come back: client-go's default numbers.
struct RetryLimits {
    std::chrono::milliseconds first{5};  // doubles with every failure of the key
    std::chrono::milliseconds most{1000'000};
    double retries_per_second = 10;  // of all keys
    double retries_burst = 100;
};

/// The delay before retry number `failures` (from 0) of one key.
[[nodiscard]] std::chrono::milliseconds retry_delay(const RetryLimits& limits,
                                                    std::size_t failures);

}  // namespace chatflow::runtime
