#include "controller/reconcilers/scaling/scale_targets.hpp"
#include "controller/runtime/watch_cache.hpp"
#include "libs/async/task_group.hpp"
#include "tests/integration/scaling/scaling_bench.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::ScalingBench;
using testing::HasSubstr;
using testing::Not;

constexpr std::int32_t kWindow = 30;
const api::TargetRef kWeb{"apps/v1", "Deployment", "web"};

Deadline soon() { return Deadline::after(20s); }

class ScaleTargetsTest : public testing::Test {
 protected:
    test::TestExporter exporter_;
    test::TestPrometheus prometheus_{exporter_};
    ScalingBench bench_{exporter_, prometheus_, kWindow};
};

/// What a GitOps tool applies again and again: the whole Deployment, but for its replicas.
json manifest_without_replicas() {
    const json container = {{"name", "web"},
                            {"image", "example.test/web:1"},
                            {"resources", {{"requests", {{"cpu", "100m"}}}}}};
    json manifest = {
        {"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", "web"}}}};
    manifest["spec"]["selector"]["matchLabels"]["app"] = "web";
    json& pod = manifest["spec"]["template"];
    pod["metadata"]["labels"]["app"] = "web";
    pod["spec"]["containers"] = json::array({container});
    return manifest;
}

TEST_F(ScaleTargetsTest, AWatchSaysWhatTheScaleSubresourceSays) {
    bench_.deploy(3);
    test::KubeSession& session = bench_.session();
    prometheus::Registry registry;
    runtime::RuntimeMetrics metrics(registry);
    runtime::WatchCache<api::ScaledDeployment> cache(session.client(), session.clock(),
                                                     Log("test", LogLevel::Error), metrics,
                                                     {.namespaces = {bench_.name_space()}});
    TaskGroup tasks(session.io().get_executor(),
                    [](const std::exception_ptr& error) { std::rethrow_exception(error); });
    tasks.spawn(cache.run());
    for (const auto until = soon(); !cache.has_synced() && !until.has_passed();) {
        session.run(session.clock().sleep_for(20ms));
    }
    kube::Discovery discovery(session.client());
    ScaleTargets watched({&cache.store()}, session.client(), discovery);
    ScaleTargets asked({}, session.client(), discovery);

    const auto seen = session.run(watched.read(kWeb, bench_.name_space(), soon()));
    const auto told = session.run(asked.read(kWeb, bench_.name_space(), soon()));
    ASSERT_TRUE(seen && told);
    EXPECT_EQ(seen->scale, told->scale);
    EXPECT_EQ(seen->replicas, told->replicas);
    EXPECT_EQ(seen->replicas, (api::CaseReplicas{3, 3}));

    const api::TargetRef nobody{"apps/v1", "Deployment", "nobody"};
    const auto missed = session.run(watched.read(nobody, bench_.name_space(), soon()));
    const auto missing = session.run(asked.read(nobody, bench_.name_space(), soon()));
    ASSERT_FALSE(missed || missing);
    EXPECT_EQ(missed.error(), missing.error());
    EXPECT_EQ(missed.error().reason, "TargetNotFound");

    tasks.cancel();
    session.run(tasks.wait());
}

TEST_F(ScaleTargetsTest, AToolThatAppliesTheDeploymentWithoutReplicasDoesNotFightThePolicy) {
    bench_.deploy(2);
    bench_.use(85, 2);
    bench_.create_policy();
    ASSERT_TRUE(bench_.reconcile_until("MetricsAvailable", "True")) << bench_.policy().dump(2);
    ASSERT_EQ(bench_.replicas(), 3);

    test::KubeSession& session = bench_.session();
    for (int again = 0; again < 5; ++again) {
        session.run(session.client().apply({.group = "apps",
                                            .version = "v1",
                                            .plural = "deployments",
                                            .name_space = bench_.name_space(),
                                            .name = "web"},
                                           manifest_without_replicas(),
                                           {.field_manager = "gitops", .force = true}, soon()));
        EXPECT_EQ(bench_.replicas(), 3) << "the tool took the replicas back";
        bench_.reconcile();
        EXPECT_EQ(bench_.replicas(), 3) << "the policy scaled once more";
    }
    EXPECT_EQ(bench_.policy()["status"]["changes"].size(), 1U);
}

/// One of our own kinds, which the API server scales by the paths of its CRD.
struct OwnKind {
    const char* kind;
    const char* plural;
    json spec;
    json status;
    const char* replicas;  // member of the spec
};

class OwnKindsTest : public ScaleTargetsTest, public testing::WithParamInterface<OwnKind> {};

TEST_P(OwnKindsTest, AreScaledThroughTheirScaleSubresource) {
    const OwnKind& own = GetParam();
    test::KubeSession& session = bench_.session();
    session.apply_crd(own.plural);
    kube::Resource place{.group = "chatflow.dev",
                         .version = "v1alpha1",
                         .plural = own.plural,
                         .name_space = bench_.name_space()};
    const json object = {{"apiVersion", "chatflow.dev/v1alpha1"},
                         {"kind", own.kind},
                         {"metadata", {{"name", "data"}}},
                         {"spec", own.spec}};
    session.run(session.client().create(place, object, {}, soon()));
    place.name = "data";
    kube::Resource status = place;
    status.subresource = "status";
    session.run(session.client().merge_patch(status, {{"status", own.status}}, {}, soon()));
    bench_.deploy(2);  // its pods stand for those of the topology
    bench_.use(85, 2);
    bench_.create_policy(
        {{"targetRef",
          {{"apiVersion", "chatflow.dev/v1alpha1"}, {"kind", own.kind}, {"name", "data"}}}});

    EXPECT_TRUE(bench_.reconcile_until("MetricsAvailable", "True")) << bench_.policy().dump(2);
    const auto found = session.run(session.client().get(place, soon()));
    EXPECT_EQ(found.value()["spec"][own.replicas], 3) << bench_.policy().dump(2);
}

INSTANTIATE_TEST_SUITE_P(Kinds, OwnKindsTest,
                         testing::Values(OwnKind{"RedisTopology",
                                                 "redistopologies",
                                                 {{"replicas", 2}},
                                                 {{"replicas", 2}, {"selector", "app=web"}},
                                                 "replicas"},
                                         OwnKind{"PostgresTopology",
                                                 "postgrestopologies",
                                                 {{"readReplicas", 2}},
                                                 {{"readReplicas", 2},
                                                  {"readReplicaSelector", "app=web"}},
                                                 "readReplicas"}),
                         [](const auto& kind) { return std::string(kind.param.kind); });

TEST_F(ScaleTargetsTest, TheMetricsPageTellsOfThePolicyUntilItIsGone) {
    bench_.deploy(2);
    bench_.use(85, 2);
    bench_.create_policy();
    ASSERT_TRUE(bench_.reconcile_until("MetricsAvailable", "True")) << bench_.policy().dump(2);

    const std::string labels = fmt::format("name=\"web\",namespace=\"{}\"", bench_.name_space());
    const std::string page = bench_.metrics_page();
    EXPECT_THAT(page, HasSubstr("# TYPE chatflow_scaling_desired_replicas gauge\n"));
    EXPECT_THAT(page, HasSubstr("chatflow_scaling_desired_replicas{" + labels + "} 3\n"));
    EXPECT_THAT(page,
                HasSubstr("chatflow_scaling_changes_total{" + labels + ",direction=\"up\"} 1\n"));
    EXPECT_THAT(page, HasSubstr("chatflow_condition{" + labels +
                                ",kind=\"ScalingPolicy\",status=\"True\",type=\"Ready\"} 1\n"));

    bench_.forget_policy();
    EXPECT_THAT(bench_.metrics_page(), Not(HasSubstr(labels)));
}

}  // namespace
}  // namespace chatflow
