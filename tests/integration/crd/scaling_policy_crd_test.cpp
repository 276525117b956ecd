// The CRD that crdgen writes and the parser of controller/api come from one table: here a real API
// server and the parser have to agree on every sample of tests/testdata/scalingpolicy.
#include "controller/api/scaling_policy_codec.hpp"
#include "controller/api/yaml.hpp"
#include "controller/clients/kube/api.hpp"
#include "controller/clients/kube/run_program.hpp"
#include "tests/support/files.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;
using test::KubeSession;
using test::TestControlPlane;
using test::text_of;
using testing::AnyOf;
using testing::HasSubstr;

const fs::path kSamples = "tests/testdata/scalingpolicy";

std::vector<fs::path> samples(const char* folder) { return test::files_of(kSamples / folder); }

json document(const fs::path& sample) { return api::parse_yaml(text_of(sample)).value().at(0); }

Deadline soon() { return Deadline::after(20s); }

struct Answer {
    int status = 0;
    std::string text;
};

class ScalingPolicyCrd : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        session_ = std::make_unique<KubeSession>(TestControlPlane::shared().access());
        for (const auto& file : fs::directory_iterator("crds")) {
            session_->apply_yaml(text_of(file.path()));
        }
        name_space_ = session_->make_namespace();
    }
    static void TearDownTestSuite() { session_.reset(); }

    /// What a user sees, on both outputs.
    static Answer kubectl(std::vector<std::string> arguments) {
        const char* assets = std::getenv("KUBEBUILDER_ASSETS");
        const std::string program = assets ? std::string(assets) + "/kubectl" : "kubectl";
        std::vector<std::string> argv{"-c",
                                      R"("$0" "$@" 2>&1)",
                                      program,
                                      "--kubeconfig",
                                      TestControlPlane::shared().kubeconfig().string(),
                                      "--namespace",
                                      name_space_};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        const auto result =
            kube::run_program({"/bin/sh", std::move(argv), {}}, 1 << 20, Deadline::after(30s));
        return {result.status, result.output};
    }

    static kube::Api<api::ScalingPolicy> policies() {
        return kube::Api<api::ScalingPolicy>(session_->client(), name_space_);
    }

    static json create(json object) {
        const auto at = kube::resource_of<api::ScalingPolicy>(name_space_);
        return session_->run(session_->client().create(at, std::move(object), {}, soon()));
    }

    static std::unique_ptr<KubeSession> session_;
    static std::string name_space_;
};

std::unique_ptr<KubeSession> ScalingPolicyCrd::session_;
std::string ScalingPolicyCrd::name_space_;

TEST_F(ScalingPolicyCrd, ApplyRefusesWhatTheParserRefusesAndNamesTheField) {
    for (const fs::path& sample : samples("invalid")) {
        SCOPED_TRACE(sample);
        const auto policy = api::parse_scaling_policy(document(sample), api::UnknownFields::Refuse);
        ASSERT_FALSE(policy);
        const Answer answer = kubectl({"apply", "--dry-run=server", "--filename", sample.string()});
        EXPECT_EQ(answer.status, 1) << answer.text;
        // A list that is an object has no such path: the server names the field below it.
        EXPECT_THAT(answer.text, HasSubstr(policy.error().front().path));
        EXPECT_THAT(answer.text, AnyOf(HasSubstr("must "), HasSubstr("should "),
                                       HasSubstr("Required value"), HasSubstr("supported values:"),
                                       HasSubstr("unknown field"), HasSubstr("exactly one of")));
    }
}

TEST_F(ScalingPolicyCrd, RulesAcrossFieldsAreToldInTheSameWords) {
    std::size_t rules = 0;
    for (const fs::path& sample : samples("invalid")) {
        const auto policy = api::parse_scaling_policy(document(sample), api::UnknownFields::Refuse);
        ASSERT_FALSE(policy);
        const FieldError& error = policy.error().front();
        const bool is_rule = error.message.contains("must be set for") ||
                             error.message.contains("must have the type") ||
                             error.message.contains("exactly one of") ||
                             error.message.contains("inside the band") ||
                             error.message.contains("must be less than") ||
                             error.message.contains("at least minReplicas");
        if (!is_rule) continue;
        ++rules;
        EXPECT_THAT(kubectl({"apply", "--dry-run=server", "--filename", sample.string()}).text,
                    HasSubstr(error.message))
            << sample;
    }
    EXPECT_GE(rules, 12U);
}

TEST_F(ScalingPolicyCrd, EveryValidSampleIsTakenWithTheParsersDefaults) {
    for (const fs::path& sample : samples("valid")) {
        SCOPED_TRACE(sample);
        const auto ours = api::parse_scaling_policy(document(sample), api::UnknownFields::Refuse);
        ASSERT_TRUE(ours) << to_string(ours.error());
        const Answer answer = kubectl({"apply", "--filename", sample.string()});
        EXPECT_EQ(answer.status, 0) << answer.text;
        const auto stored = session_->run(policies().get(ours->metadata.name, soon()));
        ASSERT_TRUE(stored);
        EXPECT_TRUE(stored->spec_errors.empty()) << to_string(stored->spec_errors);
        EXPECT_EQ(stored->spec, ours->spec);
    }
}

TEST_F(ScalingPolicyCrd, WhatIsPrintedIsStoredWithoutAChange) {
    for (const fs::path& sample : samples("valid")) {
        SCOPED_TRACE(sample);
        auto policy = api::parse_scaling_policy(document(sample)).value();
        policy.metadata.name += "-printed";
        const json printed = api::to_json(policy);
        const json stored = create(printed);
        EXPECT_EQ(stored["spec"], printed["spec"]);
    }
}

api::ScalingPolicyStatus a_full_status() {
    const TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 8h + 250us};
    const TimePoint second = std::chrono::floor<std::chrono::seconds>(now);
    api::PodSamples samples{{{.pod = "web-0",
                              .containers = {{"app", api::Quantity::from_milli(82)}},
                              .value = {},
                              .timestamp = now,
                              .window_seconds = 30}}};
    api::CasePod pod{.name = "web-0",
                     .ready_transition_time = second,
                     .start_time = second,
                     .containers = {{"app", {{"cpu", api::Quantity::from_milli(100)}}}}};
    api::Observation seen{
        .now = now,
        .replicas = {4, 4},
        .pods = {pod},
        .metrics = {samples, api::MetricValues{{api::Quantity::from_units(7)}, now},
                    api::MetricError{"EmptyResult", "the query found nothing"}},
        .history = {{{now, 6}}, {{now, 2}}, {{now, 1}}},
        .metrics_missing_since = second};
    api::Decision decision{.replicas = 6,
                           .uncapped = 7,
                           .reason = api::DecisionReason::AtMaximum,
                           .message = "cpu is at 82 %",
                           .limited_by = api::LimitedBy::MaxReplicas,
                           .metrics = {{.name = "cpu",
                                        .value = api::Quantity::from_milli(82),
                                        .utilization_percent = 82,
                                        .age_seconds = 12,
                                        .proposal = 7,
                                        .verdict = api::MetricVerdict::ScaleUp,
                                        .reason = {},
                                        .message = "above 70 %"},
                                       {.name = "queue",
                                        .verdict = api::MetricVerdict::NoData,
                                        .reason = "EmptyResult",
                                        .message = "queue has no data"}},
                           .error = "queue has no data"};
    return {.observed_generation = 1,
            .current_replicas = 4,
            .desired_replicas = 6,
            .selector = "app=web",
            .utilization_percent = 82,
            .last_scale_time = second,
            .last_decision = api::DecisionRecord{1, seen, decision, true},
            .history = seen.history,
            .conditions = {{.type = "Ready",
                            .status = api::ConditionStatus::True,
                            .observed_generation = 1,
                            .last_transition_time = second,
                            .reason = "AtMaximum",
                            .message = "cpu is at 82 %"}}};
}

// A structural schema drops what it does not describe, without a word.
TEST_F(ScalingPolicyCrd, NoFieldOfTheStatusIsLost) {
    auto policy = api::parse_scaling_policy(document(kSamples / "valid/least.yaml")).value();
    policy.metadata.name = "with-status";
    create(api::to_json(policy));
    policy.status = a_full_status();
    json patch = api::to_json(policy);
    patch.erase("spec");
    session_->run(policies().apply_status(policy.metadata.name, patch,
                                          {.field_manager = "chatflow-status"}, soon()));
    const auto stored = session_->run(policies().get(policy.metadata.name, soon()));
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->status, policy.status) << api::to_json(stored->status).dump(1);
}

TEST_F(ScalingPolicyCrd, AColumnForEachQuestionFitsATerminal) {
    auto policy = api::parse_scaling_policy(document(kSamples / "valid/least.yaml")).value();
    policy.metadata.name = "columns";
    create(api::to_json(policy));
    policy.status = a_full_status();
    json patch = api::to_json(policy);
    patch.erase("spec");
    session_->run(policies().apply_status(policy.metadata.name, patch,
                                          {.field_manager = "chatflow-status"}, soon()));
    const Answer answer = kubectl({"get", "sp", "columns"});
    EXPECT_EQ(answer.status, 0) << answer.text;
    const std::string header = answer.text.substr(0, answer.text.find('\n'));
    const std::string row = answer.text.substr(header.size() + 1);
    EXPECT_TRUE(header.starts_with("NAME")) << answer.text;
    EXPECT_THAT(header, HasSubstr("AGE"));
    EXPECT_LE(header.size(), 80U) << answer.text;
    EXPECT_LE(row.find('\n'), 80U) << answer.text;
    for (const char* value : {"columns", "AtMaximum", "True", " 6 "}) {
        EXPECT_THAT(row, HasSubstr(value));
    }
}

TEST_F(ScalingPolicyCrd, AnUpdateIsHeldToTheSameRules) {
    auto object = document(kSamples / "valid/least.yaml");
    object["metadata"]["name"] = "updated";
    create(object);
    const Answer answer = kubectl(
        {"patch", "sp", "updated", "--type=merge", "--patch", R"({"spec": {"minReplicas": 9}})"});
    EXPECT_EQ(answer.status, 1);
    EXPECT_THAT(answer.text, HasSubstr("must be at least minReplicas (9), not 5"));
}

}  // namespace
}  // namespace chatflow
