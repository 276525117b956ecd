#include "controller/api/scaling_case_codec.hpp"
#include "controller/api/scaling_policy_codec.hpp"
#include "controller/domain/scaling/status.hpp"
#include "tests/unit/controller/domain/scaling/generator.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

// A decision is recomputed from what its record says, to the last bit of its JSON.

namespace chatflow::scaling::test {
namespace {

using nlohmann::json;

struct Case {
    api::ScalingPolicySpec spec;
    api::Observation observed;
};

// Most cases are small: more pods take longer to print and to read.
constexpr int kPodsMost = 4;
constexpr int kManyPods = 45;

Case any_case(Generator& generate) {
    Case one{generate.policy(), generate.observation(generate.one_in(20) ? kManyPods : kPodsMost)};
    generate.add_controls(one.spec);
    while (generate.one_in(2)) generate.add_value_metric(one.spec, one.observed);
    generate.add_circumstances(one.observed);
    if (generate.one_in(4)) {
        generate.add_drain(one.spec, one.observed);
        // With a target it is read as a policy, which goes to 0 only by a metric of all its pods.
        if (one.spec.metrics.size() == 1) one.spec.target_ref = {};
    }
    if (generate.one_in(4)) generate.add_forecast(one.spec, one.observed);
    return one;
}

constexpr int kCases = 10'000;

TEST(Record, TenThousandDecisionsAreRecomputedFromTheirJson) {
    Generator generate(11);
    int changes = 0;
    for (int i = 0; i < kCases; ++i) {
        const auto [spec, observed] = any_case(generate);
        const auto decision = decide(spec, observed);
        changes += decision.replicas != observed.replicas.spec ? 1 : 0;
        const std::string record = to_json(api::CaseFile{"1", spec, observed}).dump();
        const auto read = api::parse_case_text(record);
        ASSERT_TRUE(read) << to_string(read.error()) << '\n' << record;
        const auto again = decide(read->spec, read->observation);
        ASSERT_EQ(to_json(again).dump(), to_json(decision).dump()) << record;
    }
    EXPECT_GT(changes, kCases / 10) << "the cases are to be of every kind";
}

TEST(Record, OfAStatusRecomputesTheLastDecisionAndEveryChange) {
    Generator generate(12);
    for (int i = 0; i < 300; ++i) {
        api::ScalingPolicy policy;
        policy.metadata = {.name = "p", .name_space = "n", .generation = 3};
        auto [spec, observed] = any_case(generate);
        policy.spec = spec;
        if (policy.spec.target_ref.kind.empty()) {
            policy.spec.target_ref = {"apps/v1", "Deployment", "web"};
        }
        const auto decision = decide(policy.spec, observed);
        policy.status = next_status(policy, observed, decision, Applied::Yes);
        const auto read = api::KindTraits<api::ScalingPolicy>::decode(to_json(policy));
        ASSERT_TRUE(read.status.last_decision) << to_json(policy).dump();
        const auto& record = *read.status.last_decision;
        EXPECT_EQ(decide(policy.spec, record.observation), record.decision);
        EXPECT_EQ(record.decision, decision);
        EXPECT_EQ(read.status.changes, policy.status.changes);
        EXPECT_EQ(policy.status.changes.size(),
                  decision.replicas != observed.replicas.spec ? 1U : 0U);
    }
}

TEST(Record, AChangeIsRecomputedFromWhatTheMetricsAskedFor) {
    Generator generate(13);
    int recomputed = 0;
    for (int i = 0; i < 3'000; ++i) {
        auto spec = generate.policy();
        spec.flap_budget = api::FlapBudget{2, 3600};
        const auto observed = generate.observation();
        const auto decision = decide(spec, observed);
        api::ScalingPolicy policy;
        policy.spec = spec;
        const auto status = next_status(policy, observed, decision, Applied::Yes);
        // Replicas that someone had set outside the bounds are no answer to a proposal.
        if (status.changes.empty() || decision.reason == api::DecisionReason::OutsideBounds) {
            continue;
        }
        const auto again = decide(spec, case_of(status.changes.back()));
        EXPECT_EQ(again.replicas, decision.replicas) << decision.message;
        EXPECT_EQ(again.limited_by, decision.limited_by) << decision.message;
        ++recomputed;
    }
    EXPECT_GT(recomputed, 300);
}

TEST(Record, StaysSmallThroughDaysOfChange) {
    constexpr std::size_t kBytesMax = 49'152;
    api::ScalingPolicy policy;
    policy.spec =
        a_policy()
            .between(1, 1000)
            .cpu_band(70, 30, 60)
            .scale_up({.policies = {pods_per(1000, 1800)}})
            .scale_down({.stabilization_window_seconds = 0, .policies = {percent_per(90, 1800)}});
    policy.spec.flap_budget = api::FlapBudget{32, 86'400};
    Generator generate(14);
    std::int32_t replicas = 50;
    for (int i = 0; i < 1'000; ++i) {
        auto observed = proposed(replicas, generate.number(1, 1000));
        observed.now = kNow + i * 15s;
        observed.history = policy.status.history;
        const auto decision = decide(policy.spec, observed);
        policy.status = next_status(policy, observed, decision, Applied::Yes);
        replicas = decision.replicas;
    }
    EXPECT_EQ(policy.status.changes.size(), api::kChangesMax);
    EXPECT_LT(to_json(policy.status).dump().size(), kBytesMax);
}

}  // namespace
}  // namespace chatflow::scaling::test
