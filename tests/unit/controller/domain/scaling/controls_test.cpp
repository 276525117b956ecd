#include "controller/domain/scaling/controls.hpp"

#include "controller/domain/scaling/freeze.hpp"
#include "controller/domain/scaling/history.hpp"
#include "controller/domain/scaling/status.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <gmock/gmock.h>

namespace chatflow::scaling::test {
namespace {

using api::DecisionReason;
using api::LimitedBy;
using testing::HasSubstr;
using testing::StartsWith;

const api::ScalingPolicySpec kBand = a_policy().between(2, 20).cpu_band(70, 30, 60);

api::ScalingPolicySpec with(void (*change)(api::ScalingPolicySpec&)) {
    auto spec = kBand;
    change(spec);
    return spec;
}

api::ScalingPolicySpec overridden(std::int32_t replicas, TimePoint until = kNow + 1h) {
    auto spec = kBand;
    spec.override_with = api::ScalingOverride{replicas, "launch", until};
    return spec;
}

api::ScalingPolicySpec paused(bool up, bool down, TimePoint until = kNow + 1h) {
    auto spec = kBand;
    spec.pause = api::ScalingPause{up, down, "migration", until};
    return spec;
}

api::Observation frozen(api::Observation observed, std::optional<TimePoint> until = {}) {
    observed.freeze = api::NamespaceFreeze{"incident 42", until};
    return observed;
}

constexpr const char* kBusy = "90 90 90 90";  // 4 pods ask for 6
constexpr const char* kIdle = "10 10 10 10";  // 4 pods ask for 1
constexpr const char* kInside = "50 50 50 50";

// Override.

TEST(Override, SetsTheReplicasWhateverTheMetricsSay) {
    for (const char* pods : {kBusy, kIdle, kInside, ""}) {
        const auto decision = decide(overridden(9), seen(4, pods));
        EXPECT_EQ(decision.replicas, 9) << pods;
        EXPECT_EQ(decision.reason, DecisionReason::Overridden);
        EXPECT_FALSE(decision.error) << "the replicas are to be written";
    }
}

TEST(Override, ShowsWhatTheMetricsAskFor) {
    const auto decision = decide(overridden(9), seen(4, kBusy));
    EXPECT_EQ(decision.uncapped, 6);
    EXPECT_EQ(decision.limited_by, LimitedBy::Override);
    EXPECT_EQ(decision.message,
              "overridden by hand until 2026-03-14T13:00:00Z: launch; cpu is at 90 % of requests, "
              "above 70 %: 4 → 6 pods (aiming at 60 %)");
    EXPECT_EQ(
        decision.controls,
        (std::vector<api::ActiveControl>{{api::ControlType::Override, "", "launch", kNow + 1h}}));
}

TEST(Override, ObeysNeitherWindowsNorRatesNorTheLowerBound) {
    auto observed = seen(20, kInside);
    observed.history.recommendations = {{kNow - 10s, 20}};
    observed.history.scale_down_events = {{kNow - 5s, 20}};
    EXPECT_EQ(decide(overridden(1), observed).replicas, 1);
    EXPECT_EQ(decide(overridden(0), observed).replicas, 0);
}

TEST(Override, EndsByItself) {
    EXPECT_EQ(decide(overridden(9, kNow + 1us), seen(4, kInside)).replicas, 9);
    EXPECT_EQ(decide(overridden(9, kNow), seen(4, kInside)).replicas, 4);
}

TEST(Override, OfZeroIsNoOffSwitchForEver) {
    auto spec = overridden(0);
    auto observed = seen(4, kInside);
    auto decision = decide(spec, observed);
    observed.history = advance(observed.history, spec, observed, decision, Applied::Yes);
    EXPECT_EQ(observed.history.zeroed_at, kNow);

    auto later = seen(0, "");
    later.now = kNow + 2h;
    later.history = observed.history;
    decision = decide(spec, later);
    EXPECT_EQ(decision.replicas, 2);
    EXPECT_EQ(decision.reason, DecisionReason::OutsideBounds);

    later.history.zeroed_at.reset();  // somebody else did
    EXPECT_EQ(decide(spec, later).reason, DecisionReason::ScalingDisabled);
}

TEST(Override, LeavesHistoryAsTheMetricsAskedFor) {
    const auto spec = overridden(9);
    const auto observed = seen(4, kBusy);
    const auto next = advance({}, spec, observed, decide(spec, observed), Applied::Yes);
    EXPECT_EQ(next.recommendations, (std::vector<api::Recommendation>{{kNow, 6}}));
}

// Pause.

TEST(Pause, HoldsTheDirectionsItNames) {
    EXPECT_EQ(decide(paused(true, false), seen(4, kBusy)).replicas, 4);
    EXPECT_EQ(decide(paused(true, false), seen(4, kIdle)).replicas, 2);
    EXPECT_EQ(decide(paused(false, true), seen(4, kBusy)).replicas, 6);
    EXPECT_EQ(decide(paused(false, true), seen(4, kIdle)).replicas, 4);
    EXPECT_EQ(decide(paused(true, true), seen(4, kBusy)).replicas, 4);
}

TEST(Pause, SaysWhatItHeldAndForHowLong) {
    const auto decision = decide(paused(true, false), seen(4, kBusy));
    EXPECT_EQ(decision.reason, DecisionReason::Paused);
    EXPECT_EQ(decision.limited_by, LimitedBy::Pause);
    EXPECT_EQ(decision.uncapped, 6);
    EXPECT_THAT(decision.message,
                HasSubstr("scale-up is paused until 2026-03-14T13:00:00Z: migration: 4 pods stay"));
}

TEST(Pause, IsSeenWhileThereIsNothingToHold) {
    const auto decision = decide(paused(false, true), seen(4, kInside));
    EXPECT_EQ(decision.reason, DecisionReason::Paused);
    EXPECT_EQ(decision.limited_by, LimitedBy::None);
}

TEST(Pause, HoldsBoundsToo) {
    EXPECT_EQ(decide(paused(false, true), seen(30, "")).replicas, 30);
    EXPECT_EQ(decide(paused(true, false), seen(1, "")).replicas, 1);
}

TEST(Pause, EndsByItself) {
    EXPECT_EQ(decide(paused(true, true, kNow), seen(4, kBusy)).replicas, 6);
}

// Freeze.

TEST(Freeze, ChangesNothingWhateverElseIsAsked) {
    for (const auto& spec : {kBand, overridden(9), paused(true, true)}) {
        for (const char* pods : {kBusy, kIdle, kInside, ""}) {
            const auto decision = decide(spec, frozen(seen(4, pods)));
            EXPECT_EQ(decision.replicas, 4);
            EXPECT_EQ(decision.reason, DecisionReason::Frozen);
            EXPECT_THAT(decision.message, StartsWith("the namespace is frozen: incident 42; "));
        }
    }
    EXPECT_EQ(decide(kBand, frozen(seen(40, ""))).replicas, 40);
}

TEST(Freeze, EndsByItself) {
    EXPECT_EQ(decide(kBand, frozen(seen(4, kBusy), kNow + 1s)).replicas, 4);
    EXPECT_EQ(decide(kBand, frozen(seen(4, kBusy), kNow)).replicas, 6);
}

TEST(Freeze, IsReadFromAnnotations) {
    EXPECT_EQ(freeze_of({{"a", "b"}}), std::nullopt);
    EXPECT_EQ(freeze_of({{"chatflow.dev/freeze", "incident 42"}}),
              (api::NamespaceFreeze{"incident 42", {}}));
    EXPECT_EQ(freeze_of({{"chatflow.dev/freeze", "x"},
                         {"chatflow.dev/freeze-until", "2026-03-14T12:00:00Z"}}),
              (api::NamespaceFreeze{"x", kNow}));
    const auto unclear =
        freeze_of({{"chatflow.dev/freeze", "x"}, {"chatflow.dev/freeze-until", "tomorrow"}});
    EXPECT_EQ(unclear->until, std::nullopt);
    EXPECT_THAT(unclear->reason, HasSubstr("chatflow.dev/freeze-until is no time: tomorrow"));
    EXPECT_LE(freeze_of({{"chatflow.dev/freeze", std::string(5000, 'x')}})->reason.size(), 256U);
}

// Schedules. kNow is Saturday, 14 March 2026, 12:00 UTC: 13:00 in Berlin.

api::ScalingSchedule a_schedule(const char* start, const char* end, std::optional<int> least,
                                std::optional<int> most, const char* zone = "UTC") {
    return {.name = "s",
            .start = start,
            .end = end,
            .time_zone = zone,
            .min_replicas = least,
            .max_replicas = most};
}

api::ReplicaBounds bounds_at(std::vector<api::ScalingSchedule> schedules, TimePoint now = kNow) {
    auto spec = kBand;
    spec.schedules = std::move(schedules);
    api::Observation observed;
    observed.now = now;
    return controls_at(spec, observed).bounds;
}

TEST(Schedule, RaisesAndLowersBothBoundsFromItsStartToItsEnd) {
    const auto day = a_schedule("0 8 * * *", "0 20 * * *", 6, 12);
    EXPECT_EQ(bounds_at({day}, kNow - 4h - 1us), (api::ReplicaBounds{2, 20}));
    EXPECT_EQ(bounds_at({day}, kNow - 4h), (api::ReplicaBounds{6, 12}));
    EXPECT_EQ(bounds_at({day}, kNow + 8h - 1us), (api::ReplicaBounds{6, 12}));
    EXPECT_EQ(bounds_at({day}, kNow + 8h), (api::ReplicaBounds{2, 20}));
}

TEST(Schedule, LastsOverMidnightAndTheWeekEnd) {
    EXPECT_EQ(bounds_at({a_schedule("0 20 * * *", "0 8 * * *", 1, {})}, kNow + 12h).min, 1);
    EXPECT_EQ(bounds_at({a_schedule("0 20 * * *", "0 8 * * *", 1, {})}).min, 2);
    EXPECT_EQ(bounds_at({a_schedule("0 18 * * FRI", "0 6 * * MON", {}, 4)}).max, 4);
}

TEST(Schedule, FollowsItsTimeZoneThroughAClockChange) {
    const auto office = a_schedule("0 8 * * *", "0 20 * * *", 6, {}, "Europe/Berlin");
    const TimePoint winter = std::chrono::sys_days{std::chrono::year{2026} / 3 / 28} + 7h;
    const TimePoint summer = std::chrono::sys_days{std::chrono::year{2026} / 3 / 29} + 6h;
    EXPECT_EQ(bounds_at({office}, winter - 1s).min, 2);
    EXPECT_EQ(bounds_at({office}, winter).min, 6);
    EXPECT_EQ(bounds_at({office}, summer - 1s).min, 2);
    EXPECT_EQ(bounds_at({office}, summer).min, 6);
}

TEST(Schedule, OfThoseThatOverlapTheLaterInTheListWins) {
    const auto wide = a_schedule("0 8 * * *", "0 20 * * *", 6, 12);
    const auto narrow = a_schedule("0 11 * * *", "0 13 * * *", 4, {});
    EXPECT_EQ(bounds_at({wide, narrow}), (api::ReplicaBounds{4, 12}));
    EXPECT_EQ(bounds_at({narrow, wide}), (api::ReplicaBounds{6, 12}));
}

TEST(Schedule, TheLowerBoundHoldsWhereTwoSchedulesCross) {
    EXPECT_EQ(bounds_at({a_schedule("0 8 * * *", "0 20 * * *", 6, {}),
                         a_schedule("0 8 * * *", "0 20 * * *", {}, 4)}),
              (api::ReplicaBounds{6, 6}));
}

TEST(Schedule, ADecisionTellsItsBoundsAndItsEnd) {
    auto spec = kBand;
    spec.schedules = {a_schedule("0 8 * * *", "0 20 * * *", 6, 12)};
    const auto decision = decide(spec, seen(4, kInside));
    EXPECT_EQ(decision.replicas, 6);
    EXPECT_EQ(decision.message, "4 → 6 pods: there were fewer than minReplicas of a schedule");
    EXPECT_EQ(decision.bounds, (api::ReplicaBounds{6, 12}));
    ASSERT_EQ(decision.controls.size(), 1U);
    EXPECT_EQ(control_text(decision.controls[0]),
              "schedule s is in force until 2026-03-14T20:00:00Z");
}

TEST(Schedule, ThatCannotBeReadIsNeverInForce) {
    EXPECT_EQ(bounds_at({a_schedule("0 8 * *", "0 20 * * *", 6, {})}).min, 2);
    EXPECT_EQ(bounds_at({a_schedule("0 8 * * *", "0 20 * * *", 6, {}, "Europe/Atlantis")}).min, 2);
}

TEST(Schedule, ThatRaisedFromZeroNeedsNobodyToStartIt) {
    auto spec = a_policy().between(0, 20).prometheus_average(1000).spec();
    spec.schedules = {a_schedule("0 8 * * *", "0 20 * * *", 3, {})};
    auto observed = seen(0, "");
    observed.metrics = {values({0})};
    EXPECT_EQ(decide(spec, observed).replicas, 3);
}

// When to look again.

TEST(NextControlChange, IsTheFirstEndOrBeginning) {
    const auto next = [](const api::ScalingPolicySpec& spec, const api::Observation& observed) {
        return next_control_change(spec, observed, kNow + 24h);
    };
    EXPECT_EQ(next(kBand, seen(4, kInside)), std::nullopt);
    EXPECT_EQ(next(overridden(9, kNow + 7s), seen(4, kInside)), kNow + 7s);
    EXPECT_EQ(next(paused(true, true, kNow + 8s), frozen(seen(4, kInside), kNow + 9s)), kNow + 8s);
    EXPECT_EQ(next(paused(true, true, kNow - 8s), frozen(seen(4, kInside), kNow + 9s)), kNow + 9s);
    const auto scheduled =
        with([](auto& spec) { spec.schedules = {a_schedule("30 12 * * *", "0 20 * * *", 6, 12)}; });
    EXPECT_EQ(next(scheduled, seen(4, kInside)), kNow + 30min);
    EXPECT_EQ(next_control_change(scheduled, seen(4, kInside), kNow + 15s), std::nullopt);
}

// Rebalance.

api::ScalingPolicySpec rebalancing(TimePoint at = kNow) {
    auto spec = kBand;
    spec.rebalance = api::RebalanceRequest{at};
    return spec;
}

TEST(Rebalance, GoesToTheAimInsideTheBandOnce) {
    const auto spec = rebalancing();
    auto observed = seen(4, "65 65 65 65");
    const auto decision = decide(spec, observed);
    EXPECT_EQ(decision.replicas, 5);  // 4 × 65 / 60 = 4.33
    EXPECT_THAT(decision.message, HasSubstr("between 30 % and 70 %: 4 → 5 pods"));
    observed.history = advance({}, spec, observed, decision, Applied::Yes);
    EXPECT_EQ(observed.history.rebalanced_at, kNow);
    observed.now = kNow + 15s;
    EXPECT_EQ(decide(spec, observed).reason, DecisionReason::WithinBand);
}

TEST(Rebalance, WaitsForWindowsAndIsStillAskedForThen) {
    const auto spec = rebalancing();
    auto observed = seen(8, "35 35 35 35 35 35 35 35");
    observed.history.recommendations = {{kNow - 100s, 8}};
    const auto decision = decide(spec, observed);
    EXPECT_EQ(decision.uncapped, 5);  // 8 × 35 / 60 = 4.67
    EXPECT_EQ(decision.replicas, 8);
    EXPECT_EQ(advance({}, spec, observed, decision, Applied::No).rebalanced_at, std::nullopt);
}

TEST(Rebalance, IsOverAfterAnHour) {
    EXPECT_EQ(decide(rebalancing(kNow - 59min), seen(4, "65 65 65 65")).replicas, 5);
    EXPECT_EQ(decide(rebalancing(kNow - 60min), seen(4, "65 65 65 65")).replicas, 4);
    EXPECT_EQ(decide(rebalancing(kNow + 1s), seen(4, "65 65 65 65")).replicas, 4);
}

TEST(Rebalance, WithoutDataIsNotDone) {
    const auto spec = rebalancing();
    auto observed = seen(4, "");
    observed.metrics = {error()};
    const auto decision = decide(spec, observed);
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(advance({}, spec, observed, decision, Applied::No).rebalanced_at, std::nullopt);
}

}  // namespace
}  // namespace chatflow::scaling::test
