// kubectl-chatflow as a user runs it, against a real API server.
#include "controller/api/core/lease.hpp"
#include "controller/api/scaling_policy_codec.hpp"
#include "controller/clients/kube/api.hpp"
#include "controller/clients/kube/run_program.hpp"
#include "controller/domain/scaling/decide.hpp"
#include "controller/domain/scaling/status.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::KubeSession;
using test::TestControlPlane;
using testing::HasSubstr;

struct Answer {
    int status = 0;
    std::string text;
};

Deadline soon() { return Deadline::after(20s); }

Answer run(std::vector<std::string> arguments, const std::string& kubeconfig) {
    std::vector<std::string> argv{"-c", R"("$0" "$@" 2>&1)", std::getenv("KUBECTL_CHATFLOW")};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    argv.insert(argv.end(), {"--kubeconfig", kubeconfig});
    const auto result =
        kube::run_program({"/bin/sh", std::move(argv), {}}, 1 << 20, Deadline::after(60s));
    return {result.status, result.output};
}

/// Without the CRDs at first: tests that need them apply them.
class Cli : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        session_ = std::make_unique<KubeSession>(TestControlPlane::shared().access());
    }
    static void TearDownTestSuite() { session_.reset(); }

    static void apply_crds() {
        for (const auto& entry : std::filesystem::directory_iterator("crds")) {
            std::ifstream file(entry.path());
            session_->apply_yaml(std::string(std::istreambuf_iterator<char>(file), {}));
        }
    }

    Answer chatflow(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--namespace", name_space_});
        return run(std::move(arguments), TestControlPlane::shared().kubeconfig().string());
    }

    void hold_lease(TimePoint renewed) {
        api::Lease lease;
        lease.metadata.name = "chatflow-controller";
        lease.spec = {.holder_identity = "controller-0",
                      .lease_duration_seconds = 15,
                      .acquire_time = renewed,
                      .renew_time = renewed};
        kube::Api<api::Lease> leases(session_->client(), name_space_);
        session_->run(leases.apply(lease, {.field_manager = "tests", .force = true}, soon()));
    }

    static std::unique_ptr<KubeSession> session_;
    std::string name_space_ = session_->make_namespace();
};

std::unique_ptr<KubeSession> Cli::session_;

TEST_F(Cli, ExplainSaysWhatIsMissing) {
    if (TestControlPlane::shared().is_ours()) {
        const Answer no_kind = chatflow({"explain", "sp/web"});
        EXPECT_EQ(no_kind.status, 1);
        EXPECT_THAT(no_kind.text, HasSubstr("install the operator first"));
    }
    apply_crds();
    const Answer no_policy = chatflow({"explain", "sp/web"});
    EXPECT_EQ(no_policy.status, 1);
    EXPECT_THAT(no_policy.text, HasSubstr("error: there is no ScalingPolicy web in namespace " +
                                          name_space_ + "; `kubectl get sp -A` lists all"));
}

TEST_F(Cli, ExplainReadsADecisionAndRecomputesIt) {
    apply_crds();
    api::ScalingPolicy policy;
    policy.metadata.name = "web";
    policy.spec.target_ref = {"apps/v1", "Deployment", "web"};
    policy.spec.max_replicas = 9;
    policy.spec.metrics = {
        {.type = api::MetricType::Prometheus,
         .prometheus = api::PrometheusMetric{
             .name = "queue-depth",
             .query = "sum(queue)",
             .target = {
                 api::MetricTargetType::AverageValue, {}, api::Quantity::from_units(100), {}}}}};
    kube::Api<api::ScalingPolicy> policies(session_->client(), name_space_);
    policy = session_->run(policies.create(policy, {}, soon()));

    const TimePoint now = session_->clock().now();
    api::Observation seen{.now = now, .replicas = {2, 2}};
    seen.metrics = {api::MetricValues{{api::Quantity::from_units(450)}, now - 3s}};
    policy.status = scaling::next_status(policy, seen, scaling::decide(policy.spec, seen),
                                         scaling::Applied::Yes);
    json patch = api::to_json(policy);
    patch.erase("spec");
    patch["metadata"] = {{"name", "web"}};
    session_->run(policies.apply_status("web", patch, {.field_manager = "tests"}, soon()));

    const Answer answer = chatflow({"explain", "sp/web"});
    EXPECT_EQ(answer.status, 0) << answer.text;
    EXPECT_THAT(answer.text, HasSubstr("AboveThreshold: 2 → 5 pods, decided "));
    EXPECT_THAT(answer.text, HasSubstr("Recomputed from this record by version"));
    EXPECT_THAT(answer.text, HasSubstr(": the same."));

    const Answer as_json = chatflow({"explain", "web", "-o", "json"});
    EXPECT_EQ(as_json.status, 0) << as_json.text;
    EXPECT_EQ(json::parse(as_json.text)["recomputed"], "same");

    api::Lease left;
    left.metadata.name = "chatflow-controller";
    left.spec = {.holder_identity = "gone",
                 .lease_duration_seconds = 15,
                 .acquire_time = now - 1h,
                 .renew_time = now - 10min};
    kube::Api<api::Lease> leases(session_->client(), name_space_);
    session_->run(leases.create(left, {}, soon()));
    const Answer stale = chatflow({"explain", "sp/web"});
    EXPECT_EQ(stale.status, 0);
    EXPECT_THAT(stale.text, HasSubstr("warning: no operator has acted for 10m: "));
    EXPECT_THAT(stale.text, HasSubstr("kubectl -n " + name_space_ + " get pods"));
    session_->run(leases.remove("chatflow-controller", {}, soon()));
}

TEST_F(Cli, ASimulationIsAttachedToTheStatusAndShown) {
    apply_crds();
    const std::string file = "tests/testdata/simulation/band.yaml";
    const std::vector<std::string> simulate{"simulate",    "-f",      file, "--generate",
                                            "flash-crowd", "--span",  "1h", "--compare",
                                            "hpa",         "--attach"};
    const auto attach_to = [&](const std::string& policy) {
        auto arguments = simulate;
        arguments.push_back(policy);
        return chatflow(std::move(arguments));
    };
    const Answer nobody = attach_to("sp/web");
    EXPECT_EQ(nobody.status, 1);
    EXPECT_THAT(nobody.text,
                HasSubstr("there is no ScalingPolicy web in namespace " + name_space_));

    api::ScalingPolicy policy;
    policy.metadata.name = "web";
    policy.spec.target_ref = {"apps/v1", "Deployment", "web"};
    policy.spec.max_replicas = 9;
    policy.spec.metrics = {
        {.resource = api::ResourceMetric{.name = "cpu", .band = api::UtilizationBand{}}}};
    kube::Api<api::ScalingPolicy> policies(session_->client(), name_space_);
    session_->run(policies.create(policy, {}, soon()));
    const Answer attached = attach_to("sp/web");
    EXPECT_EQ(attached.status, 0) << attached.text;
    EXPECT_THAT(attached.text, HasSubstr("attached to " + name_space_ + "/web"));

    const auto stored = session_->run(policies.get("web", soon()));
    ASSERT_TRUE(stored);
    ASSERT_TRUE(stored->status.simulation);
    const auto& runs = stored->status.simulation->runs;
    ASSERT_EQ(runs.size(), 5);  // the policy, two of HPA, two oracles
    EXPECT_EQ(runs[0].name, "band");
    EXPECT_GT(runs[0].pod_seconds, 0);
    EXPECT_EQ(stored->metadata.annotations.count("chatflow.dev/simulation"), 0);
    EXPECT_EQ(attach_to("web").status, 0);  // the next one takes its place

    const json shown = json::parse(chatflow({"explain", "web", "-o", "json"}).text);
    EXPECT_EQ(shown["simulation"]["runs"].size(), 5) << shown.dump(2);
}

TEST_F(Cli, ExplainRefusesOtherKindsAndUnreachableClusters) {
    EXPECT_EQ(chatflow({"explain", "deployment/web"}).status, 2);
    EXPECT_EQ(chatflow({"explain"}).status, 2);
    EXPECT_EQ(chatflow({"explain", "sp/web", "-o", "xml"}).status, 2);
    const Answer missing = run({"explain", "sp/web"}, "/does/not/exist");
    EXPECT_EQ(missing.status, 1);
    EXPECT_THAT(missing.text, HasSubstr("error: there is no usable kubeconfig"));
}

TEST_F(Cli, CheckIsGoodWhenTheKindsAreServedAndSomebodyLeads) {
    apply_crds();
    const Answer nobody = chatflow({"check", "api", "--timeout", "0"});
    EXPECT_EQ(nobody.status, 1);
    EXPECT_THAT(nobody.text, HasSubstr("ok      kinds: ScalingPolicy"));
    EXPECT_THAT(nobody.text, HasSubstr("FAILED  leader: there is no Lease " + name_space_));

    hold_lease(session_->clock().now() - 60s);
    EXPECT_THAT(chatflow({"check", "api", "--timeout", "0s"}).text,
                HasSubstr("ago, and it is good for 15 s"));

    hold_lease(session_->clock().now());
    const Answer good = chatflow({"check", "api", "--timeout", "0"});
    EXPECT_EQ(good.status, 0) << good.text;
    EXPECT_THAT(good.text, HasSubstr("ok      leader: controller-0 holds Lease"));
}

TEST_F(Cli, CheckAsksTheControllerItself) {
    apply_crds();
    hold_lease(session_->clock().now());
    const Answer silent = chatflow({"check", "api", "--timeout", "0", "--health-url",
                                    "http://127.0.0.1:" + std::to_string(test::find_free_port())});
    EXPECT_EQ(silent.status, 1);
    EXPECT_THAT(silent.text, HasSubstr("/readyz does not answer"));
}

}  // namespace
}  // namespace chatflow
