#include "controller/domain/scaling/status.hpp"

#include "controller/domain/scaling/conditions.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <string>

#include <gmock/gmock.h>

namespace chatflow::scaling::test {
namespace {

using api::Condition;
using api::ConditionStatus;
using api::ScalingPolicyStatus;

api::ScalingPolicy policy_of(api::ScalingPolicySpec spec) {
    api::ScalingPolicy policy;
    policy.metadata.name = "chat-server";
    policy.metadata.generation = 3;
    policy.spec = std::move(spec);
    return policy;
}

ScalingPolicyStatus status_after(const api::ScalingPolicy& policy, const api::Observation& at,
                                 Applied applied = Applied::No) {
    return next_status(policy, at, decide(policy.spec, at), applied);
}

const Condition& condition(const ScalingPolicyStatus& status, const char* type) {
    return *api::find_condition(status.conditions, type);
}

const api::ScalingPolicySpec kBand = a_policy().between(2, 20).cpu_band(70, 30, 60);

TEST(NextStatus, SetsEveryConditionOnTheFirstVisit) {
    const auto status = status_after(policy_of(kBand), seen(2, "50 50"));
    for (const char* type : {kReady, kReconciling, kStalled, kScalingActive, kAbleToScale,
                             kScalingLimited, kMetricsAvailable}) {
        const Condition* found = api::find_condition(status.conditions, type);
        ASSERT_NE(found, nullptr) << type;
        EXPECT_EQ(found->observed_generation, 3) << type;
        EXPECT_FALSE(found->reason.empty()) << type;
        EXPECT_FALSE(found->message.empty()) << type;
    }
    EXPECT_EQ(status.observed_generation, 3);
}

TEST(NextStatus, ReadyCarriesTheDecision) {
    const auto status = status_after(policy_of(kBand), seen(2, "90 90"));
    EXPECT_EQ(condition(status, kReady).status, ConditionStatus::True);
    EXPECT_EQ(condition(status, kReady).reason, "AboveThreshold");
    EXPECT_EQ(condition(status, kReady).message, status.last_decision->decision.message);
}

TEST(NextStatus, AMissingMetricLeavesReadyTrue) {
    const auto status = status_after(policy_of(kBand), seen(2, "- -"));
    EXPECT_EQ(condition(status, kReady).status, ConditionStatus::True);
    EXPECT_EQ(condition(status, kReady).reason, "MetricUnavailable");
    EXPECT_EQ(condition(status, kMetricsAvailable).status, ConditionStatus::False);
    EXPECT_EQ(condition(status, kScalingActive).status, ConditionStatus::False);
}

TEST(NextStatus, ObserveNamesTheReplicasAndChangesNothing) {
    auto spec = kBand;
    spec.mode = api::ScalingMode::Observe;
    const auto status = status_after(policy_of(spec), seen(2, "90 90"));
    EXPECT_EQ(status.desired_replicas, 3);
    EXPECT_EQ(status.current_replicas, 2);
    EXPECT_FALSE(status.last_scale_time);
}

TEST(NextStatus, TheRecordRecomputesTheDecision) {
    const auto policy = policy_of(kBand);
    const auto record = *status_after(policy, seen(3, "90 80 70u")).last_decision;
    EXPECT_FALSE(record.pods_omitted);
    EXPECT_EQ(decide(policy.spec, record.observation), record.decision);
}

TEST(NextStatus, LeavesThePodsOutWhereThereAreTooMany) {
    std::string pods;
    for (std::size_t i = 0; i <= api::kRecordedPodsMax; ++i) pods += "50 ";
    const auto policy = policy_of(a_policy().cpu_band(70, 30, 60));
    const auto record = *status_after(policy, seen(api::kRecordedPodsMax + 1, pods)).last_decision;
    EXPECT_TRUE(record.pods_omitted);
    EXPECT_TRUE(record.observation.pods.empty());
    EXPECT_TRUE(record.observation.metrics.empty());
}

TEST(DropInputs, GivesTheirMemoryBackAndKeepsTheDecision) {
    auto status = status_after(policy_of(kBand), seen(2, "50 50"));
    const auto before = *status.last_decision;
    drop_inputs(status);
    const api::DecisionRecord& record = *status.last_decision;
    EXPECT_EQ(record.observation.pods.capacity(), 0U);
    EXPECT_EQ(record.observation.metrics.capacity(), 0U);
    EXPECT_EQ(record.decision.metrics.capacity(), 0U);
    EXPECT_EQ(record.observation.now, before.observation.now);
    EXPECT_EQ(record.observation.replicas, before.observation.replicas);
    EXPECT_EQ(record.decision.message, before.decision.message);
    EXPECT_TRUE(record.pods_omitted);
}

TEST(StalledStatus, KeepsTheTimesOfConditionsThatWereSo) {
    auto policy = policy_of(kBand);
    policy.status = stalled_status(policy, "TargetNotFound", "there is no Deployment web", kNow);
    EXPECT_EQ(stalled_status(policy, "TargetNotFound", "there is no Deployment web", kNow + 1min),
              policy.status)
        << "nothing is new, so nothing is to be written";
}

TEST(StalledStatus, KeepsTheLastDecisionReadable) {
    auto policy = policy_of(kBand);
    policy.status = status_after(policy, seen(2, "50 50"));
    const auto stalled = stalled_status(policy, "InvalidSpec", "spec.x: must be y", kNow + 1min);
    EXPECT_EQ(stalled.last_decision, policy.status.last_decision);
    EXPECT_EQ(condition(stalled, kReady).status, ConditionStatus::False);
    EXPECT_EQ(condition(stalled, kStalled).status, ConditionStatus::True);
    EXPECT_EQ(condition(stalled, kReady).message, "spec.x: must be y");
}

/// Whether the status is written when the load goes from one to the other within 15 s.
bool is_written(const std::string& before, const std::string& after,
                const api::ScalingPolicySpec& spec = kBand) {
    const auto policy = policy_of(spec);
    auto observation = seen(4, before);
    const auto old = status_after(policy, observation);
    observation = seen(4, after);
    observation.now += 15s;
    observation.history = old.history;
    auto latest = policy;
    latest.status = old;
    return worth_writing(old, status_after(latest, observation), observation.now);
}

TEST(WorthWriting, NotForASmallChangeInsideTheBand) {
    EXPECT_FALSE(is_written("50 50 50 50", "51 52 50 50"));
    EXPECT_TRUE(is_written("50 50 50 50", "56 56 56 56"));
}

TEST(WorthWriting, WhenAnotherReasonHolds) {
    EXPECT_TRUE(is_written("69 69 69 69", "71 71 71 71"));
    EXPECT_TRUE(is_written("50 50 50 50", "- - - -"));
}

TEST(WorthWriting, WhenMoreReplicasAreRecommendedThanANewLeaderWouldKnow) {
    // At the maximum both times: reason, replicas and conditions stay.
    auto spec = kBand;
    spec.max_replicas = 4;
    EXPECT_TRUE(is_written("89 89 89 89", "91 91 91 91", spec));   // 7 are asked for, not 6
    EXPECT_FALSE(is_written("91 91 91 91", "89 89 89 89", spec));  // 7 are known
    EXPECT_FALSE(is_written("91 91 91 91", "92 91 91 91", spec));
}

TEST(WorthWriting, AtLeastOnceInAWhile) {
    const auto policy = policy_of(kBand);
    auto observation = seen(4, "50 50 50 50");
    const auto old = status_after(policy, observation);
    auto latest = policy;
    latest.status = old;
    observation.now += kStatusWriteInterval;
    observation.history = old.history;
    EXPECT_TRUE(worth_writing(old, status_after(latest, observation), observation.now));
    EXPECT_FALSE(worth_writing(old, old, observation.now));
    observation.now = kNow - 1h;  // the clock was stepped back
    EXPECT_TRUE(worth_writing(old, status_after(latest, observation), observation.now));
}

TEST(MetricsMissingSince, IsTheTimeOfTheFirstEvaluationWithoutData) {
    auto policy = policy_of(kBand);
    policy.status = status_after(policy, seen(2, "50 50"));
    EXPECT_FALSE(metrics_missing_since(policy.status));
    auto observation = seen(2, "- -");
    observation.now += 15s;
    policy.status = status_after(policy, observation);
    observation.now += 15s;
    policy.status = status_after(policy, observation);
    EXPECT_EQ(metrics_missing_since(policy.status), kNow + 15s);
}

}  // namespace
}  // namespace chatflow::scaling::test
