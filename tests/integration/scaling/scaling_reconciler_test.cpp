#include "controller/clients/kube/api.hpp"
#include "tests/integration/scaling/scaling_bench.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using nlohmann::json;
using test::ScalingBench;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr std::int32_t kWindow = 30;

/// A real API server and a real Prometheus for all tests; each has its own namespace.
class ScalingReconcilerTest : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        exporter_ = std::make_unique<test::TestExporter>();
        prometheus_ = std::make_unique<test::TestPrometheus>(*exporter_);
    }
    static void TearDownTestSuite() {
        prometheus_.reset();
        exporter_.reset();
    }

    ScalingBench a_bench(std::int32_t cpu_window = kWindow) {
        return {*exporter_, *prometheus_, cpu_window};
    }

    /// What the policy says once its metrics are there.
    static void expect_metrics(ScalingBench& bench) {
        EXPECT_TRUE(bench.reconcile_until("MetricsAvailable", "True")) << bench.policy().dump(2);
    }
    static void expect_no_metrics(ScalingBench& bench, const std::string& reason) {
        EXPECT_TRUE(bench.reconcile_until("MetricsAvailable", "False")) << bench.policy().dump(2);
        EXPECT_EQ(bench.condition("MetricsAvailable")["reason"], reason) << bench.policy().dump(2);
        EXPECT_EQ(bench.condition("Ready")["status"], "True");
    }

    static std::unique_ptr<test::TestExporter> exporter_;
    static std::unique_ptr<test::TestPrometheus> prometheus_;
};

std::unique_ptr<test::TestExporter> ScalingReconcilerTest::exporter_;
std::unique_ptr<test::TestPrometheus> ScalingReconcilerTest::prometheus_;

TEST_F(ScalingReconcilerTest, AboveTheBandItWritesReplicasAloneAndExplains) {
    auto bench = a_bench();
    bench.deploy(2);
    bench.use(85, 2);  // not at the edge of a whole replica: rates are measured
    bench.create_policy();
    expect_metrics(bench);

    EXPECT_EQ(bench.replicas(), 3);  // ceil(170m / 60m)
    const json policy = bench.policy();
    EXPECT_EQ(policy["status"]["desiredReplicas"], 3);
    EXPECT_EQ(policy["status"]["observedGeneration"], policy["metadata"]["generation"]);
    EXPECT_THAT(policy["status"]["lastDecision"].dump(), HasSubstr("AboveThreshold"));
    EXPECT_EQ(bench.condition("Ready")["status"], "True");
    EXPECT_EQ(bench.condition("Stalled")["status"], "False");
    EXPECT_THAT(bench.event_reasons(), Contains("SuccessfulRescale"));

    bool owns_replicas_alone = false;
    const json deployment = bench.deployment();
    for (const json& manager : deployment["metadata"]["managedFields"]) {
        if (manager["manager"] != "chatflow-scaling") continue;
        owns_replicas_alone =
            manager["fieldsV1"] == json::parse(R"({"f:spec": {"f:replicas": {}}})");
    }
    EXPECT_TRUE(owns_replicas_alone) << deployment["metadata"]["managedFields"].dump(2);
}

TEST_F(ScalingReconcilerTest, InsideTheBandNothingIsWritten) {
    auto bench = a_bench();
    bench.deploy(2);
    bench.use(50, 2);
    bench.create_policy();
    expect_metrics(bench);
    const auto version = bench.deployment()["metadata"]["resourceVersion"];
    bench.reconcile();
    bench.reconcile();
    EXPECT_EQ(bench.deployment()["metadata"]["resourceVersion"], version);
    EXPECT_EQ(bench.replicas(), 2);
}

TEST_F(ScalingReconcilerTest, ObserveDecidesAndTouchesNothing) {
    auto bench = a_bench();
    bench.deploy(2);
    bench.use(85, 2);
    bench.create_policy({{"mode", "Observe"}});
    expect_metrics(bench);
    EXPECT_EQ(bench.replicas(), 2);
    EXPECT_EQ(bench.policy()["status"]["desiredReplicas"], 3);
}

TEST_F(ScalingReconcilerTest, BelowTheBandItWaitsForTheStabilizationWindow) {
    auto bench = a_bench();
    bench.deploy(4);
    bench.use(10, 4);
    bench.create_policy();
    expect_metrics(bench);
    EXPECT_EQ(bench.replicas(), 4);
    EXPECT_THAT(bench.policy()["status"]["lastDecision"].dump(), HasSubstr("Stabilizing"));
}

TEST_F(ScalingReconcilerTest, WithoutAWindowItScalesDownToTheMinimum) {
    auto bench = a_bench();
    bench.deploy(4);
    bench.use(10, 4);
    bench.create_policy({{"behavior", {{"scaleDown", {{"stabilizationWindowSeconds", 0}}}}}});
    expect_metrics(bench);
    EXPECT_EQ(bench.replicas(), 2);
}

TEST_F(ScalingReconcilerTest, PodsWithoutSamplesHold) {
    auto bench = a_bench();
    bench.deploy(4);
    exporter_->show("up_to_date 1\n");
    bench.create_policy({{"behavior", {{"scaleDown", {{"stabilizationWindowSeconds", 0}}}}}});
    expect_no_metrics(bench, "EmptyResult");
    EXPECT_EQ(bench.replicas(), 4);
}

TEST_F(ScalingReconcilerTest, NaNHolds) {
    auto bench = a_bench();
    bench.deploy(4);
    exporter_->show(
        fmt::format("container_memory_working_set_bytes{{namespace=\"{}\",pod=\"web-0\","
                    "container=\"app\"}} NaN\n",
                    bench.name_space()));
    bench.create_policy(json::parse(R"({
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 0}},
        "metrics": [{"type": "Resource", "resource": {
            "name": "memory", "target": {"type": "AverageValue", "averageValue": "100Mi"}}}]})"));
    ASSERT_TRUE(bench.reconcile_until("MetricsAvailable", "False"));
    for (const auto until = Deadline::after(std::chrono::seconds(20)); !until.has_passed();) {
        bench.reconcile();
        if (bench.condition("MetricsAvailable")["reason"] == "NotANumber") break;
    }
    expect_no_metrics(bench, "NotANumber");
    EXPECT_EQ(bench.replicas(), 4);
}

TEST_F(ScalingReconcilerTest, SamplesOlderThanMaxAgeHold) {
    // The window reaches further back than the age allows, so that usage can still be computed.
    auto bench = a_bench();
    bench.deploy(4);
    bench.use(10, 4);
    bench.create_policy({{"maxAgeSeconds", 10},
                         {"behavior", {{"scaleDown", {{"stabilizationWindowSeconds", 3600}}}}}});
    expect_metrics(bench);
    // The exporter goes on telling the same old samples, as cAdvisor does when it hangs.
    expect_no_metrics(bench, "StaleSample");
    EXPECT_EQ(bench.replicas(), 4);
}

TEST_F(ScalingReconcilerTest, WithPrometheusGoneItHoldsAndGoesOnAfterwards) {
    auto bench = a_bench();
    bench.deploy(4);
    bench.use(10, 4);
    bench.create_policy();
    expect_metrics(bench);
    prometheus_->kill();
    expect_no_metrics(bench, "SourceUnreachable");
    EXPECT_EQ(bench.replicas(), 4);
    EXPECT_THAT(bench.event_reasons(), Contains("MetricsUnavailable"));
    prometheus_->start();
    bench.use(10, 4);
    expect_metrics(bench);
}

TEST_F(ScalingReconcilerTest, ATargetThatIsNotThereStallsWithASentence) {
    auto bench = a_bench();
    bench.create_policy();
    bench.reconcile();
    EXPECT_EQ(bench.condition("Stalled")["status"], "True");
    EXPECT_EQ(bench.condition("Ready")["status"], "False");
    EXPECT_EQ(bench.condition("Stalled")["reason"], "TargetNotFound");
    EXPECT_THAT(bench.condition("Stalled")["message"].get<std::string>(),
                HasSubstr("there is no Deployment web"));
    const auto version = bench.policy()["metadata"]["resourceVersion"];
    bench.reconcile();
    EXPECT_EQ(bench.policy()["metadata"]["resourceVersion"], version);
}

TEST_F(ScalingReconcilerTest, TwoPoliciesOnOneTargetScaleNothing) {
    auto bench = a_bench();
    bench.deploy(2);
    bench.use(85, 2);
    bench.create_policy();
    bench.create_policy(json::object(), "other");
    bench.reconcile();
    bench.reconcile("other");
    EXPECT_EQ(bench.replicas(), 2);
    for (const auto* name : {"web", "other"}) {
        EXPECT_EQ(bench.condition("Stalled", name)["reason"], "ConflictingPolicy");
    }
}

TEST_F(ScalingReconcilerTest, AnAttachedSimulationStaysWhatSomebodyMadeItOf) {
    auto bench = a_bench();
    const auto attach = [&](const char* name) {
        json patch = json::parse(R"({"apiVersion": "chatflow.dev/v1alpha1",
            "kind": "ScalingPolicy", "metadata": {"name": "web"}, "status": {"simulation": {
            "at": "2026-11-21T08:00:00Z", "from": "2026-11-20T08:00:00Z",
            "to": "2026-11-21T08:00:00Z"}}})");
        patch["status"]["simulation"]["runs"] = {{{"name", name}}};
        kube::Api<api::ScalingPolicy> policies(bench.session().client(), bench.name_space());
        bench.session().run(policies.apply_status("web", patch,
                                                  {.field_manager = "tests", .force = true},
                                                  Deadline::after(std::chrono::seconds(20))));
    };
    bench.deploy(2);
    bench.use(50, 2);
    bench.create_policy();
    attach("first");
    expect_metrics(bench);

    bench.change_policy({{"maxReplicas", 9}});  // the cache has the first one now
    bench.kill_leader();
    attach("second");
    bench.reconcile();
    const json policy = bench.policy();
    EXPECT_EQ(policy["status"]["observedGeneration"], policy["metadata"]["generation"]);
    EXPECT_EQ(policy["status"]["simulation"]["runs"][0]["name"], "second");
}

TEST_F(ScalingReconcilerTest, APrometheusQueryScalesByItsValue) {
    auto bench = a_bench();
    bench.deploy(2);
    exporter_->show(fmt::format("queue_depth{{namespace=\"{}\"}} 450\n", bench.name_space()));
    const auto query = fmt::format("sum(queue_depth{{namespace=\"{}\"}})", bench.name_space());
    json spec = json::parse(R"({"metrics": [{"type": "Prometheus", "prometheus": {
        "name": "queue-depth", "target": {"type": "AverageValue", "averageValue": "100"}}}]})");
    spec["metrics"][0]["prometheus"]["query"] = query;
    bench.create_policy(spec);
    expect_metrics(bench);
    EXPECT_EQ(bench.replicas(), 5);
}

}  // namespace
}  // namespace chatflow
