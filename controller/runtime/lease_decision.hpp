#pragma once

#include "controller/api/core/lease.hpp"
#include "libs/base/time.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>

namespace chatflow::runtime {

/// client-go's numbers. A follower takes over at most `duration` + `retry_period` after the leader
/// fell silent; a leader that cannot renew stops `duration - renew_deadline` before that.
struct LeaseTimes {
    std::chrono::seconds duration{15};
    std::chrono::seconds renew_deadline{10};
    std::chrono::seconds retry_period{2};
};

/// The lease as it was last read. `changed_at` is when we first saw it in this form, on our own
/// steady clock: the times written in it come from another machine's clock and prove nothing.
struct ObservedLease {
    std::optional<api::LeaseSpec> record;  // nothing: there is no lease
    std::chrono::steady_clock::time_point changed_at{};
};

/// Write this; we lead when that succeeds.
struct TakeLease {
    api::LeaseSpec record;
    bool is_renewal = false;
    bool operator==(const TakeLease&) const = default;
};

/// Somebody else leads, and may do so for `time_left` without a sign of life.
struct WaitForLease {
    std::string holder;
    std::chrono::steady_clock::duration time_left;
    bool operator==(const WaitForLease&) const = default;
};

using LeaseDecision = std::variant<TakeLease, WaitForLease>;

/// `wall_now` is only written down, for people to read; judged is by `steady_now`.
[[nodiscard]] LeaseDecision decide_lease(const ObservedLease& observed,
                                         std::chrono::steady_clock::time_point steady_now,
                                         TimePoint wall_now, const std::string& identity,
                                         const LeaseTimes& times);

/// What is left behind by a leader that stops: nobody has to wait.
[[nodiscard]] api::LeaseSpec released(api::LeaseSpec record, TimePoint wall_now);

}  // namespace chatflow::runtime
