#pragma once

#include <chrono>

namespace chatflow::kube {

/// How long to wait before the next attempt: client-go's numbers for watches. Jitter spreads the
/// watchers of many controllers after the API server was away.
struct BackoffOptions {
    std::chrono::milliseconds first{800};
    std::chrono::milliseconds most{30'000};
    std::chrono::seconds healthy_after{120};  // a run that lasted this long starts over at `first`
};

class Backoff {
 public:
    explicit Backoff(BackoffOptions options) : options_(options), next_(options.first) {}

    /// After an attempt that ran for `lasted`; `random` in [0, 1) adds up to once the delay.
    [[nodiscard]] std::chrono::milliseconds after_failure(std::chrono::milliseconds lasted,
                                                          double random);

 private:
    BackoffOptions options_;
    std::chrono::milliseconds next_;
};

}  // namespace chatflow::kube
