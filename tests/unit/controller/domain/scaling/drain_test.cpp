#include "controller/domain/scaling/drain.hpp"

#include "controller/domain/scaling/history.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace chatflow::scaling::test {
namespace {

using api::DecisionReason;
using api::LimitedBy;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Pods web-0 …; batches of one, 30 s between them, 600 s for connections to end.

api::ScalingPolicySpec draining_policy(std::int32_t batch = 1) {
    auto spec = a_policy().between(1, 20).cpu_band(70, 30, 60).spec();
    spec.behavior = api::ScalingBehavior{
        .scale_up = {}, .scale_down = api::ScalingRules{.stabilization_window_seconds = 0}};
    spec.drain = api::DrainSpec{.query = "sessions", .batch_pods = batch};
    return spec;
}

/// Ready pods with so many connections each; -1: not measured.
api::Observation with_connections(std::vector<std::int64_t> connections) {
    api::Observation observed{.now = kNow};
    const auto count = static_cast<std::int32_t>(connections.size());
    observed.replicas = {count, count};
    for (std::int32_t i = 0; i < count; ++i) {
        const std::string name = fmt::format("web-{}", i);
        observed.pods.push_back({.name = name});
        const std::int64_t had = connections[static_cast<std::size_t>(i)];
        if (had >= 0) observed.draining.push_back({.pod = name, .connections = had});
    }
    return observed;
}

api::Observation& tell(api::Observation& observed, std::size_t pod, std::chrono::seconds ago) {
    observed.draining[pod].since = kNow - ago;
    return observed;
}

TEST(PlanDrain, ThePodWithFewestConnectionsIsToldAndTheReplicasWait) {
    const auto plan = plan_drain(draining_policy(), with_connections({30, 4, 17}), 2);
    EXPECT_EQ(plan.replicas, 3);
    EXPECT_THAT(plan.victims, ElementsAre("web-1"));
    EXPECT_EQ(plan.message, "1 pod drains: 4 connections left");
}

TEST(PlanDrain, ItGoesWhenItsConnectionsHaveEnded) {
    auto observed = with_connections({30, 1, 17});
    tell(observed, 1, 20s);
    EXPECT_EQ(plan_drain(draining_policy(), observed, 2).replicas, 3);
    observed.draining[1].connections = 0;
    const auto plan = plan_drain(draining_policy(), observed, 2);
    EXPECT_EQ(plan.replicas, 2);
    EXPECT_THAT(plan.victims, ElementsAre("web-1"));
    EXPECT_EQ(plan.message, "");
}

TEST(PlanDrain, AnEmptyPodIsToldBeforeItGoes) {
    EXPECT_EQ(plan_drain(draining_policy(), with_connections({30, 0}), 1).replicas, 2);
}

TEST(PlanDrain, ItGoesWithWhatIsLeftWhenItHasHadItsTime) {
    auto observed = with_connections({30, 4});
    EXPECT_EQ(plan_drain(draining_policy(), tell(observed, 1, 599s), 1).replicas, 2);
    EXPECT_EQ(plan_drain(draining_policy(), tell(observed, 1, 600s), 1).replicas, 1);
}

TEST(PlanDrain, OnceToldAPodIsNotExchangedForAnother) {
    auto observed = with_connections({30, 9, 2});
    const auto plan = plan_drain(draining_policy(), tell(observed, 1, 20s), 2);
    EXPECT_THAT(plan.victims, ElementsAre("web-1"));
}

TEST(PlanDrain, ABatchGoesAsAWhole) {
    auto observed = with_connections({8, 0, 0, 50});
    tell(observed, 1, 20s);
    tell(observed, 0, 20s);
    const auto waiting = plan_drain(draining_policy(2), observed, 1);
    EXPECT_EQ(waiting.replicas, 4);
    EXPECT_THAT(waiting.victims, ElementsAre("web-1", "web-0"));
    observed.draining[0].connections = 0;
    EXPECT_EQ(plan_drain(draining_policy(2), observed, 1).replicas, 2);
}

TEST(PlanDrain, TheNextBatchWaits) {
    auto observed = with_connections({8, 3});
    observed.history.drained_at = kNow - 29s;
    const auto waiting = plan_drain(draining_policy(), observed, 1);
    EXPECT_EQ(waiting.replicas, 2);
    EXPECT_THAT(waiting.victims, IsEmpty());
    EXPECT_THAT(waiting.message, HasSubstr("the next batch waits until"));
    observed.history.drained_at = kNow - 30s;
    EXPECT_THAT(plan_drain(draining_policy(), observed, 1).victims, ElementsAre("web-1"));
}

TEST(PlanDrain, WhenMorePodsAreWantedNobodyHasToDrain) {
    auto observed = with_connections({8, 3});
    tell(observed, 1, 20s);
    EXPECT_EQ(plan_drain(draining_policy(), observed, 2), (DrainPlan{2, {}, {}}));
    EXPECT_EQ(plan_drain(draining_policy(), observed, 5), (DrainPlan{5, {}, {}}));
}

TEST(PlanDrain, WithoutAnyDataNoPodIsChosen) {
    const auto plan = plan_drain(draining_policy(), with_connections({-1, -1}), 1);
    EXPECT_EQ(plan.replicas, 2);
    EXPECT_THAT(plan.victims, IsEmpty());
    EXPECT_THAT(plan.message, HasSubstr("no data"));
}

TEST(PlanDrain, WhoWasNotMeasuredComesLastAndIsNotEmpty) {
    auto observed = with_connections({-1, 9});
    EXPECT_THAT(plan_drain(draining_policy(), observed, 1).victims, ElementsAre("web-1"));
    observed.draining = {{.pod = "web-0", .since = kNow - 20s}};
    const auto plan = plan_drain(draining_policy(), observed, 1);
    EXPECT_EQ(plan.replicas, 2);
    EXPECT_THAT(plan.message, HasSubstr("1 not measured"));
}

TEST(PlanDrain, ReadinessComesFirstAsAReplicaSetLooksAtItFirst) {
    auto observed = with_connections({3, 50});
    observed.pods[1].ready = api::ReadyStatus::False;
    EXPECT_THAT(plan_drain(draining_policy(), observed, 1).victims, ElementsAre("web-1"));
}

TEST(PlanDrain, OfAStatefulSetTheHighestNumbersGo) {
    auto spec = draining_policy(2);
    spec.target_ref.kind = "StatefulSet";
    auto observed = with_connections({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    EXPECT_THAT(plan_drain(spec, observed, 5).victims, ElementsAre("web-10", "web-9"));
}

TEST(PlanDrain, PodsThatGoAnywayAreNoVictims) {
    auto observed = with_connections({3, 50});
    observed.pods[0].deletion_timestamp = kNow;
    EXPECT_THAT(plan_drain(draining_policy(), observed, 1).victims, ElementsAre("web-1"));
}

/// A batch of spec.drain has gone, so long ago; who belonged to it was told before.
api::Observation& went(api::Observation& observed, std::int32_t replicas,
                       std::chrono::seconds ago) {
    observed.replicas.spec = replicas;
    observed.history.drained_at = kNow - ago;
    return observed;
}

TEST(PlanDrain, WhoWentButIsStillThereIsCountedOnce) {
    auto spec = draining_policy(2);
    spec.target_ref.kind = "StatefulSet";
    spec.drain->batch_pause_seconds = 0;
    // 5 → 3: web-4 is deleted, web-3 waits for its turn.
    auto observed = with_connections({5, 5, 5, 0, 0});
    tell(observed, 3, 60s);
    tell(observed, 4, 60s);
    observed.pods[4].deletion_timestamp = kNow;
    const auto plan = plan_drain(spec, went(observed, 3, 15s), 2);
    EXPECT_EQ(plan.replicas, 3);
    EXPECT_THAT(plan.victims, ElementsAre("web-3", "web-2"));
    EXPECT_EQ(plan.message, "1 pod drains: 5 connections left");
}

TEST(PlanDrain, WhoWentStaysMarkedUntilItIsDeleted) {
    auto observed = with_connections({5, 0, 0});
    tell(observed, 1, 60s);
    tell(observed, 2, 60s);
    went(observed, 1, 15s);
    const DrainPlan kept{1, {"web-1", "web-2"}, {}};
    EXPECT_EQ(plan_drain(draining_policy(2), observed, 1), kept);
    went(observed, 2, 15s);
    EXPECT_THAT(plan_drain(draining_policy(2), observed, 1).victims,
                ElementsAre("web-1", "web-2"));  // in the pause
    // As many as are wanted come back.
    EXPECT_THAT(plan_drain(draining_policy(2), went(observed, 1, 15s), 2).victims,
                ElementsAre("web-1"));
    EXPECT_THAT(plan_drain(draining_policy(2), observed, 3).victims, IsEmpty());
}

TEST(PlanDrain, WhoWasSparedAsAnotherPodWentGoesNext) {
    // 3 → 2 deleted a pod that was not ready in place of web-1.
    auto observed = with_connections({5, 0});
    tell(observed, 1, 60s);
    EXPECT_EQ(plan_drain(draining_policy(), went(observed, 2, 15s), 1).replicas, 2);  // the pause
    const auto plan = plan_drain(draining_policy(), went(observed, 2, 31s), 1);
    EXPECT_EQ(plan.replicas, 1);
    EXPECT_THAT(plan.victims, ElementsAre("web-1"));
}

TEST(PlanDrain, ASurgeOfARolloutCountsNobodyAsGone) {
    auto observed = with_connections({5, 0, 7});
    tell(observed, 1, 20s);
    const auto plan = plan_drain(draining_policy(), went(observed, 2, 60s), 1);
    EXPECT_EQ(plan.replicas, 1);
    EXPECT_THAT(plan.victims, ElementsAre("web-1"));
}

/// Load for 2 pods on 4.
api::Observation idle_cluster() {
    auto observed = seen(4, "25 25 25 25");
    for (const api::CasePod& pod : observed.pods) {
        observed.draining.push_back({.pod = pod.name, .connections = 5});
    }
    return observed;
}

TEST(DecideWithDrain, AScaleDownWaitsForItsVictims) {
    auto observed = idle_cluster();
    const auto decision = decide(draining_policy(), observed);
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.uncapped, 2);
    EXPECT_EQ(decision.reason, DecisionReason::Draining);
    EXPECT_EQ(decision.limited_by, LimitedBy::Drain);
    EXPECT_EQ(decision.victims.size(), 1U);
    EXPECT_THAT(decision.message, HasSubstr("1 pod drains: 5 connections left"));
}

TEST(DecideWithDrain, AnObserverWaitsForNobody) {
    auto spec = draining_policy();
    spec.mode = api::ScalingMode::Observe;
    const auto decision = decide(spec, idle_cluster());
    EXPECT_EQ(decision.replicas, 2);
    EXPECT_EQ(decision.reason, DecisionReason::BelowThreshold);
    EXPECT_THAT(decision.victims, IsEmpty());
}

TEST(DecideWithDrain, OneBatchGoesAndThePauseBegins) {
    auto observed = idle_cluster();
    observed.draining[2] = {.pod = observed.pods[2].name, .connections = 0, .since = kNow - 60s};
    const auto decision = decide(draining_policy(), observed);
    EXPECT_EQ(decision.replicas, 3);
    EXPECT_EQ(decision.limited_by, LimitedBy::Drain);
    EXPECT_THAT(decision.victims, ElementsAre(observed.pods[2].name));
    const auto next =
        advance(observed.history, draining_policy(), observed, decision, Applied::Yes);
    EXPECT_EQ(next.drained_at, kNow);
}

TEST(DecideWithDrain, AScaleUpWhileVictimsGoBeginsNoPause) {
    auto observed = seen(4, "90 90 90 90 90");
    observed.draining = {{.pod = observed.pods[0].name, .connections = 5, .since = kNow - 60s},
                         {.pod = observed.pods[1].name, .connections = 5, .since = kNow - 60s}};
    observed.replicas.spec = 3;
    observed.history.drained_at = kNow - 40s;
    auto spec = draining_policy();
    spec.behavior->scale_up = api::ScalingRules{.policies = {pods_per(1, 15)}};
    const auto decision = decide(spec, observed);
    ASSERT_EQ(decision.replicas, 4);
    EXPECT_EQ(decision.victims.size(), 1U);
    const auto next = advance(observed.history, spec, observed, decision, Applied::Yes);
    EXPECT_EQ(next.drained_at, kNow - 40s);
}

TEST(DecideWithDrain, WithoutMetricsWhoDrainsGoesOn) {
    auto observed = idle_cluster();
    observed.draining[2].since = kNow - 60s;
    observed.metrics = {error()};
    const auto decision = decide(draining_policy(), observed);
    EXPECT_EQ(decision.replicas, 4);
    EXPECT_THAT(decision.victims, ElementsAre(observed.pods[2].name));
}

TEST(DecideWithDrain, AScaleUpDrainsNobody) {
    auto observed = seen(2, "90 90");
    observed.draining = {{.pod = observed.pods[0].name, .connections = 5, .since = kNow - 60s}};
    const auto decision = decide(draining_policy(), observed);
    EXPECT_EQ(decision.replicas, 3);
    EXPECT_THAT(decision.victims, IsEmpty());
    EXPECT_EQ(decision.reason, DecisionReason::AboveThreshold);
}

}  // namespace
}  // namespace chatflow::scaling::test
