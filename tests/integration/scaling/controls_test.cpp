#include "controller/api/scaling_policy_codec.hpp"
#include "controller/domain/scaling/decide.hpp"
#include "controller/domain/scaling/status.hpp"
#include "tests/integration/scaling/scaling_bench.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using nlohmann::json;
using test::ScalingBench;
using testing::Contains;
using testing::Not;

constexpr std::int32_t kWindow = 30;

/// 2 pods that use 85 % of what they request: the metrics ask for 3.
class ControlsTest : public testing::Test {
 protected:
    ControlsTest() : bench_(exporter_, prometheus_, kWindow) {
        bench_.deploy(2);
        bench_.use(85, 2);
    }

    [[nodiscard]] std::string reason() { return bench_.condition("Ready")["reason"]; }
    [[nodiscard]] std::string in(std::chrono::seconds time) {
        return format_rfc3339(bench_.session().clock().now() + time);
    }

    test::TestExporter exporter_;
    test::TestPrometheus prometheus_{exporter_};
    ScalingBench bench_;
};

TEST_F(ControlsTest, AFrozenNamespaceIsLeftAloneUntilItThaws) {
    bench_.annotate_namespace({{"chatflow.dev/freeze", "incident 42"}});
    bench_.create_policy();
    ASSERT_TRUE(bench_.reconcile_until("MetricsAvailable", "True")) << bench_.policy().dump(2);
    EXPECT_EQ(bench_.replicas(), 2);
    EXPECT_EQ(reason(), "Frozen");
    EXPECT_EQ(bench_.condition("Controlled")["reason"], "Freeze");
    EXPECT_EQ(bench_.condition("AbleToScale")["status"], "False");
    EXPECT_THAT(bench_.event_reasons(), Contains("FreezeBegan"));

    bench_.annotate_namespace({{"chatflow.dev/freeze", nullptr}});
    bench_.reconcile();
    EXPECT_EQ(bench_.replicas(), 3);
    EXPECT_EQ(bench_.condition("Controlled")["status"], "False");
    EXPECT_THAT(bench_.event_reasons(), Contains("FreezeEnded"));
}

TEST_F(ControlsTest, AnOverrideHoldsWithoutMetricsAndEndsByItself) {
    bench_.create_policy(
        {{"override",
          {{"replicas", 7}, {"reason", "launch"}, {"until", in(std::chrono::hours{1})}}},
         {"metrics",
          {{{"type", "Prometheus"},
            {"prometheus",
             {{"name", "none"},
              {"query", "nothing_has_this_name"},
              {"target", {{"type", "Value"}, {"value", "1"}}}}}}}}});
    bench_.reconcile();
    EXPECT_EQ(bench_.replicas(), 7);
    EXPECT_EQ(reason(), "Overridden");
    EXPECT_EQ(bench_.condition("MetricsAvailable")["status"], "False");

    bench_.change_policy({{"override", {{"until", in(std::chrono::seconds{-1})}}}});
    bench_.reconcile();
    EXPECT_EQ(bench_.replicas(), 7) << "no data, no change";
    EXPECT_EQ(reason(), "MetricUnavailable");
    EXPECT_THAT(bench_.event_reasons(), Contains("OverrideEnded"));
}

TEST_F(ControlsTest, APauseHoldsAndIsSeen) {
    bench_.create_policy(
        {{"pause",
          {{"scaleUp", true}, {"reason", "migration"}, {"until", in(std::chrono::hours{1})}}}});
    ASSERT_TRUE(bench_.reconcile_until("MetricsAvailable", "True")) << bench_.policy().dump(2);
    EXPECT_EQ(bench_.replicas(), 2);
    EXPECT_EQ(reason(), "Paused");
    EXPECT_THAT(bench_.event_reasons(), Not(Contains("SuccessfulRescale")));
    bench_.change_policy({{"pause", nullptr}});
    bench_.reconcile();
    EXPECT_EQ(bench_.replicas(), 3);
}

TEST_F(ControlsTest, AScheduleShowsItsBoundsInTheStatus) {
    bench_.create_policy({{"schedules",
                           {{{"name", "always"},
                             {"start", "* * * * *"},
                             {"end", "0 0 29 2 *"},
                             {"timeZone", "Europe/Berlin"},
                             {"minReplicas", 5},
                             {"maxReplicas", 12}}}}});
    bench_.reconcile();
    EXPECT_EQ(bench_.replicas(), 5);
    EXPECT_EQ(bench_.policy()["status"]["bounds"], (json{{"min", 5}, {"max", 12}}));
    EXPECT_EQ(bench_.condition("Controlled")["reason"], "Schedule");
}

TEST_F(ControlsTest, AScheduleOfAZoneThatDoesNotExistStalls) {
    bench_.create_policy({{"schedules",
                           {{{"name", "s"},
                             {"start", "0 8 * * *"},
                             {"end", "0 9 * * *"},
                             {"timeZone", "Europe/Atlantis"},
                             {"minReplicas", 5}}}}});
    bench_.reconcile();
    EXPECT_EQ(bench_.condition("Stalled")["reason"], "InvalidSpec");
    EXPECT_EQ(bench_.condition("Stalled")["message"],
              "spec.schedules[0].timeZone: must be an IANA time zone such as Europe/Berlin, not "
              "\"Europe/Atlantis\"");
    EXPECT_EQ(bench_.replicas(), 2);
}

TEST_F(ControlsTest, TheStatusRecomputesItsDecisionAndItsChanges) {
    bench_.create_policy();
    ASSERT_TRUE(bench_.reconcile_until("MetricsAvailable", "True")) << bench_.policy().dump(2);
    ASSERT_EQ(bench_.replicas(), 3) << bench_.policy()["status"].dump(2);
    const auto policy = api::KindTraits<api::ScalingPolicy>::decode(bench_.policy());
    const auto& record = policy.status.last_decision.value();
    EXPECT_EQ(scaling::decide(policy.spec, record.observation), record.decision);
    ASSERT_EQ(policy.status.changes.size(), 1U);
    const api::ScaleChange& change = policy.status.changes[0];
    EXPECT_EQ(change.from, 2);
    const auto again = scaling::decide(policy.spec, scaling::case_of(change));
    EXPECT_EQ(again.replicas, 3);
    EXPECT_EQ(again.limited_by, change.limited_by);
}

}  // namespace
}  // namespace chatflow
