#include "controller/runtime/lease_decision.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using namespace std::chrono_literals;

const TimePoint wall = TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
const std::chrono::steady_clock::time_point t0{1h};

api::LeaseSpec held_by(const std::string& holder, std::int32_t seconds = 15) {
    return {.holder_identity = holder,
            .lease_duration_seconds = seconds,
            .acquire_time = wall - 1h,
            .renew_time = wall - 1min,
            .lease_transitions = 3};
}

LeaseDecision decide(std::optional<api::LeaseSpec> record,
                     std::chrono::steady_clock::duration since_change, LeaseTimes times = {}) {
    return decide_lease({std::move(record), t0}, t0 + since_change, wall, "me", times);
}

TEST(DecideLease, TakesALeaseThatIsNotThere) {
    const auto taken = std::get<TakeLease>(decide(std::nullopt, 0s));
    EXPECT_FALSE(taken.is_renewal);
    EXPECT_EQ(taken.record.holder_identity, "me");
    EXPECT_EQ(taken.record.lease_duration_seconds, 15);
    EXPECT_EQ(taken.record.acquire_time, wall);
    EXPECT_EQ(taken.record.renew_time, wall);
    EXPECT_EQ(taken.record.lease_transitions, 0);
}

TEST(DecideLease, TakesAReleasedLeaseAtOnce) {
    const auto taken = std::get<TakeLease>(decide(held_by(""), 0s));
    EXPECT_FALSE(taken.is_renewal);
    EXPECT_EQ(taken.record.lease_transitions, 4);
}

TEST(DecideLease, RenewsItsOwnAndKeepsSinceWhenItLeads) {
    const auto taken = std::get<TakeLease>(decide(held_by("me"), 1h));
    EXPECT_TRUE(taken.is_renewal);
    EXPECT_EQ(taken.record.acquire_time, wall - 1h);
    EXPECT_EQ(taken.record.renew_time, wall);
    EXPECT_EQ(taken.record.lease_transitions, 3);
}

TEST(DecideLease, WaitsForAnotherUntilItsPromiseIsOver) {
    const auto wait = std::get<WaitForLease>(decide(held_by("other"), 14s));
    EXPECT_EQ(wait.holder, "other");
    EXPECT_EQ(wait.time_left, 1s);
    const auto taken = std::get<TakeLease>(decide(held_by("other"), 15s));
    EXPECT_EQ(taken.record.holder_identity, "me");
    EXPECT_EQ(taken.record.acquire_time, wall);
    EXPECT_EQ(taken.record.lease_transitions, 4);
}

TEST(DecideLease, TheTimesWrittenInTheLeaseProveNothing) {
    auto record = held_by("other");
    record.renew_time = wall - 24h;  // the other machine's clock is wrong
    EXPECT_TRUE(std::holds_alternative<WaitForLease>(decide(record, 14s)));
    record.renew_time = wall + 24h;
    EXPECT_TRUE(std::holds_alternative<TakeLease>(decide(record, 15s)));
}

TEST(DecideLease, TheHoldersOwnDurationCounts) {
    EXPECT_TRUE(std::holds_alternative<WaitForLease>(decide(held_by("other", 60), 59s)));
    EXPECT_TRUE(std::holds_alternative<TakeLease>(decide(held_by("other", 60), 60s)));
    EXPECT_TRUE(std::holds_alternative<WaitForLease>(decide(held_by("other", 0), 14s)));
}

// A leader that cannot renew has stopped before anyone else may act.
TEST(DecideLease, TheLeaderGivesUpBeforeAFollowerMayTakeOver) {
    const LeaseTimes times;
    EXPECT_LT(times.renew_deadline, times.duration);
    EXPECT_LT(times.retry_period * 2, times.renew_deadline);
}

TEST(Released, LeavesNobodyToWaitFor) {
    const auto record = released(held_by("me"), wall);
    EXPECT_TRUE(record.holder_identity.empty());
    EXPECT_GE(record.lease_duration_seconds, 1);
    EXPECT_EQ(record.lease_transitions, 3);
    EXPECT_TRUE(std::holds_alternative<TakeLease>(decide(record, 0s)));
}

}  // namespace
}  // namespace chatflow::runtime
