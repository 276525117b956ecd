#pragma once

#include "libs/postgres/lsn.hpp"

#include <chrono>
#include <deque>
#include <optional>

namespace chatflow::postgres {

/// How new a read has to be for nobody to see anything older than `lag_max`: what the primary had
/// written at that age. Needs no clock of the replica, and holds also when nothing is written, when
/// replay is paused, and when a replica has lost its primary and does not know it.
class ReadFloor {
 public:
    using Time = std::chrono::steady_clock::time_point;

    explicit ReadFloor(std::chrono::steady_clock::duration lag_max) : lag_max_(lag_max) {}

    /// The primary had written up to `primary` at that time. Times do not go back.
    void note(Time at, Lsn primary) { seen_.push_back({at, primary}); }

    /// While the primary has been watched for less than `lag_max`: what it had written at first,
    /// which is newer than what has to be shown. kNewest before it was seen.
    [[nodiscard]] Lsn at(Time now) {
        while (!seen_.empty() && seen_.front().at <= now - lag_max_) {
            floor_ = seen_.front().primary;
            seen_.pop_front();
        }
        if (floor_) return *floor_;
        return seen_.empty() ? kNewest : seen_.front().primary;
    }

 private:
    struct Seen {
        Time at;
        Lsn primary;
    };
    std::chrono::steady_clock::duration lag_max_;
    std::deque<Seen> seen_;  // lag_max long at most
    std::optional<Lsn> floor_;
};

}  // namespace chatflow::postgres
