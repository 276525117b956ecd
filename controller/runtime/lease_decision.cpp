#include "controller/runtime/lease_decision.hpp"

namespace chatflow::runtime {

LeaseDecision decide_lease(const ObservedLease& observed,
                           std::chrono::steady_clock::time_point steady_now, TimePoint wall_now,
                           const std::string& identity, const LeaseTimes& times) {
    api::LeaseSpec ours{.holder_identity = identity,
                        .lease_duration_seconds = static_cast<std::int32_t>(times.duration.count()),
                        .acquire_time = wall_now,
                        .renew_time = wall_now,
                        .lease_transitions = 0};
    if (!observed.record) return TakeLease{std::move(ours)};

    const api::LeaseSpec& record = *observed.record;
    ours.lease_transitions = record.lease_transitions;
    if (record.holder_identity == identity) {
        ours.acquire_time = record.acquire_time;
        return TakeLease{.record = std::move(ours), .is_renewal = true};
    }
    ++ours.lease_transitions;
    if (record.holder_identity.empty()) return TakeLease{std::move(ours)};

    // The holder's own promise counts, also when it was configured differently.
    const auto promised = record.lease_duration_seconds > 0
                              ? std::chrono::seconds{record.lease_duration_seconds}
                              : times.duration;
    const auto ends = observed.changed_at + promised;
    if (ends <= steady_now) return TakeLease{std::move(ours)};
    return WaitForLease{.holder = record.holder_identity, .time_left = ends - steady_now};
}

api::LeaseSpec released(api::LeaseSpec record, TimePoint wall_now) {
    record.holder_identity.clear();
    record.lease_duration_seconds = 1;  // the API server refuses 0
    record.renew_time = wall_now;
    return record;
}

}  // namespace chatflow::runtime
