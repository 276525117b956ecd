#include "controller/domain/scaling/events.hpp"

#include "controller/domain/scaling/status.hpp"
#include "tests/unit/controller/domain/scaling/a_case.hpp"

#include <gmock/gmock.h>

namespace chatflow::scaling::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const api::ScalingPolicySpec kBand = a_policy().between(2, 20).cpu_band(70, 30, 60);

std::vector<std::string> told(const api::ScalingPolicyStatus& old, const api::Observation& at,
                              Applied applied = Applied::No) {
    std::vector<std::string> texts;
    for (const EventNote& note : events_for(old, at, decide(kBand, at), applied)) {
        texts.push_back((note.is_warning ? "Warning " : "Normal ") + note.reason + " " +
                        note.message);
    }
    return texts;
}

api::ScalingPolicyStatus status_of(const api::Observation& at) {
    api::ScalingPolicy policy;
    policy.spec = kBand;
    return next_status(policy, at, decide(kBand, at), Applied::No);
}

TEST(EventsFor, ARescaleIsToldWithItsReason) {
    EXPECT_THAT(told({}, seen(2, "90 90"), Applied::Yes),
                ElementsAre("Normal SuccessfulRescale cpu is at 90 % of requests, above 70 %: "
                            "2 → 3 pods (aiming at 60 %)"));
}

TEST(EventsFor, ARescaleThatWasCutSaysHowFarItWent) {
    auto spec = kBand;
    spec.max_replicas = 4;
    const auto at = seen(3, "200 200 200");
    const auto notes = events_for({}, at, decide(spec, at), Applied::Yes);
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_THAT(notes[0].message, testing::StartsWith("3 → 4 pods: cpu is at 200 %"));
}

TEST(EventsFor, FewerThanTheMinimumIsSaidOnce) {
    EXPECT_THAT(
        told({}, seen(1, "50"), Applied::Yes),
        ElementsAre("Normal SuccessfulRescale 1 → 2 pods: there were fewer than minReplicas"));
}

TEST(EventsFor, WhatWouldBeDoneIsToldOnce) {
    const auto at = seen(2, "90 90");
    EXPECT_THAT(told({}, at),
                ElementsAre(testing::StartsWith("Normal WouldRescale cpu is at 90 %")));
    EXPECT_THAT(told(status_of(at), at), IsEmpty());
}

TEST(EventsFor, NothingIsToldOfNothing) { EXPECT_THAT(told({}, seen(2, "50 50")), IsEmpty()); }

TEST(EventsFor, MissingMetricsAreToldOnceAndSoIsTheirReturn) {
    const auto missing = seen(2, "- -");
    EXPECT_THAT(told({}, missing),
                ElementsAre(testing::StartsWith("Warning MetricsUnavailable cpu")));
    EXPECT_THAT(told(status_of(missing), missing), IsEmpty());
    EXPECT_THAT(told(status_of(missing), seen(2, "50 50")),
                ElementsAre("Normal MetricsRecovered every metric has fresh data again"));
}

TEST(EventsFor, ATargetAtZeroIsToldOnce) {
    const auto at = seen(0, "");
    EXPECT_THAT(told({}, at), ElementsAre(testing::StartsWith("Warning ScalingDisabled")));
    EXPECT_THAT(told(status_of(at), at), IsEmpty());
}

}  // namespace
}  // namespace chatflow::scaling::test
