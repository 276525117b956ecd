#include "controller/clients/cpprest_transport.hpp"
#include "controller/clients/kube/configured_credentials.hpp"
#include "controller/reconcilers/scaling/conflicts.hpp"
#include "libs/base/base64.hpp"
#include "tests/integration/scaling/scaling_bench.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_http_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::ScalingBench;
using test::ScriptedConnection;
using test::ScriptedHttpServer;
using test::ScriptedRequest;
using testing::HasSubstr;

constexpr std::int32_t kWindow = 30;
constexpr const char* kNobody = "http://127.0.0.1:1";  // in place of the controller's own

ScriptedHttpServer::Step reply(std::string body, int status = 200) {
    return [=](const ScriptedRequest&, ScriptedConnection& peer) { peer.reply(status, body); };
}

std::string scalar(int value) {
    return fmt::format(R"({{"status":"success","data":{{"resultType":"vector","result":[
        {{"metric":{{}},"value":[{},"{}"]}}]}}}})",
                       std::chrono::duration_cast<std::chrono::seconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count(),
                       value);
}

json queue_policy(const std::string& url) {
    json spec = json::parse(R"({"metrics": [{"type": "Prometheus", "prometheus": {
        "name": "queue-depth", "query": "queue", "server": {"secretName": "metrics"},
        "target": {"type": "AverageValue", "averageValue": "100"}}}]})");
    spec["metrics"][0]["prometheus"]["server"]["url"] = url;
    return spec;
}

TEST(PolicysOwnPrometheus, IsAskedWithWhatItsSecretHolds) {
    const test::CertificateAuthority authority("chatflow-test");
    ScriptedHttpServer server({reply(scalar(450)), reply(scalar(450))},
                              authority.issue_server({"IP:127.0.0.1"}));
    ScalingBench bench(kNobody, kWindow);
    bench.deploy(2);
    bench.create(
        "secrets",
        {{"metadata", {{"name", "metrics"}}},
         {"stringData",
          {{"username", "chat"}, {"password", "s3cret"}, {"ca.crt", authority.certificate()}}}});
    bench.create_policy(queue_policy(server.url()));
    bench.reconcile();
    EXPECT_EQ(bench.condition("MetricsAvailable")["status"], "True") << bench.policy().dump(2);
    EXPECT_EQ(bench.replicas(), 5);
    ASSERT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(server.requests()[0].header("Authorization"),
              "Basic " + encode_base64("chat:s3cret"));
}

TEST(PolicysOwnPrometheus, WithoutItsSecretThereIsNoDataAndNoSecretInTheStatus) {
    ScriptedHttpServer server({});
    ScalingBench bench(kNobody, kWindow);
    bench.deploy(2);
    bench.create_policy(queue_policy(server.url()));
    bench.reconcile();
    EXPECT_EQ(bench.replicas(), 2);
    EXPECT_EQ(bench.condition("MetricsAvailable")["reason"], "SourceUnreachable");
    EXPECT_THAT(bench.condition("MetricsAvailable").value("message", ""),
                HasSubstr("there is no Secret metrics"));
    EXPECT_EQ(server.requests().size(), 0U);
}

TEST(MetricsApi, WhereNobodyServesItThereIsNoData) {
    ScalingBench bench(kNobody, kWindow);
    bench.deploy(2);
    bench.create_policy({{"resourceSource", "MetricsApi"}});
    bench.reconcile();
    EXPECT_EQ(bench.replicas(), 2);
    EXPECT_EQ(bench.condition("MetricsAvailable")["reason"], "SourceUnreachable");
}

TEST(MetricsApi, TheAdaptersAnswersBecomeReadings) {
    ScriptedHttpServer api({
        reply(R"({"items": [{"metadata": {"name": "web-0"}, "timestamp": "2026-11-21T12:00:00Z",
            "window": "15s", "containers": [{"name": "app", "usage": {"cpu": "85m"}}]}]})"),
        reply(R"({"items": [{"describedObject": {"name": "web-0"}, "value": "12",
            "timestamp": "2026-11-21T12:00:00Z"}]})"),
        reply(R"({"items": [{"metricName": "queue", "value": "450",
            "timestamp": "2026-11-21T12:00:00Z"}]})"),
        reply(R"({"kind": "Status", "code": 404, "reason": "NotFound", "message": "no such"})",
              404),
    });
    asio::io_context io;
    SystemClock clock;
    BlockingPool files(1, 4);
    const auto transport = clients::make_cpprest_transport({.base_url = api.url()});
    kube::ConfiguredCredentials nobody({.server = api.url()}, clock, files);
    kube::Client kube(*transport, nobody, clock);
    kube::Discovery discovery(kube);
    metrics_api::Client client(kube, discovery);
    const auto soon = [] { return Deadline::after(20s); };

    const auto usage = test::run(io, client.usage(prom::Resource::Cpu, "chat", soon()));
    ASSERT_TRUE(usage);
    EXPECT_EQ(usage->at("web-0").containers.at(0).usage, api::Quantity::from_milli(85));
    const auto pods = test::run(io, client.of_pods({"sessions", {}}, "chat", "app=web", soon()));
    EXPECT_EQ(std::get<api::PodSamples>(pods).pods.at(0).value, api::Quantity::from_units(12));
    const auto queue = test::run(io, client.external({"queue", {}}, "chat", soon()));
    EXPECT_EQ(std::get<api::MetricValues>(queue).values.at(0), api::Quantity::from_units(450));
    const auto absent = test::run(io, client.external({"queue", {}}, "chat", soon()));
    EXPECT_EQ(std::get<api::MetricError>(absent).reason, "SourceUnreachable");

    const auto asked = api.requests();
    EXPECT_EQ(asked[0].target, "/apis/metrics.k8s.io/v1beta1/namespaces/chat/pods");
    EXPECT_EQ(asked[1].target,
              "/apis/custom.metrics.k8s.io/v1beta2/namespaces/chat/pods/*/sessions"
              "?labelSelector=app%3Dweb");
    EXPECT_EQ(asked[2].target, "/apis/external.metrics.k8s.io/v1beta1/namespaces/chat/queue");
}

constexpr const char* kScaledObjectKind = R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: scaledobjects.keda.sh}
spec:
  group: keda.sh
  scope: Namespaced
  names: {plural: scaledobjects, singular: scaledobject, kind: ScaledObject, listKind: ScaledObjectList}
  versions:
  - name: v1alpha1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
)";

TEST(Conflicts, AScaledObjectOfKedaOnTheSameTargetIsNamed) {
    ScalingBench bench(kNobody, kWindow);
    bench.deploy(2);
    bench.session().apply_yaml(kScaledObjectKind);
    bench.session().apply_yaml(fmt::format(
        "{{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {{name: queue, namespace: "
        "{}}}, spec: {{scaleTargetRef: {{name: web}}}}}}",
        bench.name_space()));
    bench.create_policy();
    bench.reconcile();
    EXPECT_EQ(bench.condition("Stalled")["reason"], "ConflictingScaledObject");
    EXPECT_THAT(bench.condition("Stalled").value("message", ""), HasSubstr("ScaledObject queue"));
    bench.change_policy({{"mode", "Observe"}});
    bench.reconcile();
    EXPECT_EQ(bench.condition("Stalled")["status"], "False");
}

TEST(Conflicts, APodOfAnotherWorkloadUnderTheSameSelectorIsNamed) {
    ScalingBench bench(kNobody, kWindow);
    bench.deploy(2);
    bench.merge("pods", "web-1",
                {{"metadata",
                  {{"labels", {{"pod-template-hash", "5f7b"}}},
                   {"ownerReferences",
                    {{{"apiVersion", "apps/v1"},
                      {"kind", "ReplicaSet"},
                      {"name", "canary-5f7b"},
                      {"uid", "6f1a5a4e-0000-4000-8000-000000000001"},
                      {"controller", true}}}}}}});
    bench.create_policy();
    bench.wait_until_cached("web-1", "canary-5f7b");
    bench.reconcile();
    EXPECT_EQ(bench.condition("Stalled")["reason"], "SelectorOverlap");
    EXPECT_THAT(bench.condition("Stalled").value("message", ""),
                HasSubstr("pod web-1, which ReplicaSet canary-5f7b owns"));
}

TEST(Conflicts, AHorizontalPodAutoscalerOnTheSameTargetIsNamed) {
    ScalingBench bench(kNobody, kWindow);
    bench.deploy(2);
    bench.session().apply_yaml(fmt::format(R"(
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: old, namespace: {}}}
spec:
  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
  maxReplicas: 4
  metrics: [{{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 50}}}}}}]
)",
                                           bench.name_space()));
    bench.create_policy();
    ASSERT_TRUE(bench.reconcile_until("Stalled", "True")) << bench.policy().dump(2);
    EXPECT_EQ(bench.condition("Stalled")["reason"], "ConflictingAutoscaler");
    EXPECT_THAT(bench.condition("Stalled").value("message", ""),
                HasSubstr("HorizontalPodAutoscaler old scales Deployment web too"));
    bench.change_policy({{"mode", "Observe"}});
    bench.reconcile();
    EXPECT_EQ(bench.condition("Stalled")["status"], "False");
}

std::optional<Obstacle> stranger_of(const api::TargetRef& target, api::OwnerReference owner) {
    api::Pod pod;
    pod.metadata = {.name = "web-x2vbn", .name_space = "chat"};
    pod.owner = std::move(owner);
    const std::vector pods{std::make_shared<const api::Pod>(std::move(pod))};
    return find_stranger(target, pods);
}

TEST(Conflicts, AReplicaSetOwnsItsPodsAlone) {
    const api::TargetRef web{"apps/v1", "ReplicaSet", "web"};
    EXPECT_EQ(stranger_of(web, {"apps/v1", "ReplicaSet", "web", "1", true}), std::nullopt);
    EXPECT_EQ(stranger_of(web, {}), std::nullopt);
    for (const api::OwnerReference& other :
         {api::OwnerReference{"apps/v1", "ReplicaSet", "web-canary", "2", true},
          api::OwnerReference{"apps/v1", "StatefulSet", "web", "3", true}}) {
        const auto obstacle = stranger_of(web, other);
        ASSERT_TRUE(obstacle) << other.kind << ' ' << other.name;
        EXPECT_EQ(obstacle->reason, "SelectorOverlap");
    }
}

TEST(Conflicts, AJobThatRanToItsEndUnderTheSameLabelsDisturbsNobody) {
    const api::TargetRef web{"apps/v1", "Deployment", "web"};
    const auto pod_of = [](const char* kind, const char* name, api::PodPhase phase) {
        api::Pod pod;
        pod.metadata = {.name = name, .name_space = "chat"};
        pod.owner = api::OwnerReference{"v1", kind, name, "1", true};
        pod.phase = phase;
        return std::make_shared<const api::Pod>(std::move(pod));
    };
    using enum api::PodPhase;
    std::vector pods{pod_of("ReplicaSet", "web-5f7b", Running),
                     pod_of("ReplicaSet", "web-5f7b", Succeeded),
                     pod_of("Job", "migration-1", Succeeded), pod_of("Job", "migration-2", Failed)};
    drop_finished_strangers(web, pods);
    EXPECT_EQ(pods.size(), 2);
    EXPECT_EQ(find_stranger(web, pods), std::nullopt);

    pods = {pod_of("Job", "migration-3", Running)};
    drop_finished_strangers(web, pods);
    EXPECT_TRUE(find_stranger(web, pods));
}

}  // namespace
}  // namespace chatflow
