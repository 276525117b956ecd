#pragma once

#include <chrono>

namespace chatflow::socket {

struct KeyScheduleOptions {
    std::chrono::milliseconds period{300'000};
    /// Least time between two reads that tokens with unknown keys ask for: whoever makes such
    /// tokens up must not make us a load for the keys' server.
    std::chrono::milliseconds unknown_pause{5'000};
    std::chrono::milliseconds retry_first{1'000};  // after a failure, then doubled
    std::chrono::milliseconds retry_max{30'000};
};

/// When keys are read from their server. Pure.
class KeySchedule {
 public:
    using Time = std::chrono::steady_clock::time_point;

    explicit KeySchedule(KeyScheduleOptions options) : options_(options) {}

    /// When the next read is due; in the past: now.
    [[nodiscard]] Time next() const;

    /// A token names an unknown key.
    void want() { is_wanted_ = true; }
    void on_begin(Time now);
    void on_end(bool is_usable) { failures_ = is_usable ? 0 : failures_ + 1; }

 private:
    KeyScheduleOptions options_;
    Time begun_ = Time::min();
    int failures_ = 0;  // in a row
    bool is_wanted_ = false;
};

}  // namespace chatflow::socket
