#include "controller/api/scaling_policy_codec.hpp"

#include "controller/api/yaml.hpp"
#include "tests/support/files.hpp"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::api {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::text_of;
using testing::HasSubstr;

const fs::path kSamples = "tests/testdata/scalingpolicy";

json document(std::string_view yaml) { return parse_yaml(yaml).value().at(0); }

json policy_with(std::string_view key, json value) {
    json policy = document(text_of(kSamples / "valid/least.yaml"));
    policy["spec"][key] = std::move(value);
    return policy;
}

std::string errors_of(const json& object) {
    const auto policy = parse_scaling_policy(object, UnknownFields::Refuse);
    return policy ? "" : to_string(policy.error());
}

TEST(ParseScalingPolicy, FillsInTheDefaults) {
    const auto policy = parse_scaling_policy(document(text_of(kSamples / "valid/least.yaml")));
    ASSERT_TRUE(policy) << to_string(policy.error());
    ScalingPolicySpec expected;
    expected.target_ref = {.api_version = "apps/v1", .kind = "Deployment", .name = "chat-server"};
    expected.max_replicas = 5;
    expected.metrics = {{.type = MetricType::Resource,
                         .resource = ResourceMetric{.name = "cpu", .band = UtilizationBand{}}}};
    EXPECT_EQ(policy->spec, expected) << "a struct's defaults and its table must agree";
    EXPECT_EQ(policy->metadata.name, "least");
}

TEST(ParseScalingPolicy, ReadsTheBodyOfAHorizontalPodAutoscaler) {
    const auto policy =
        parse_scaling_policy(document(text_of(kSamples / "valid/pasted-from-hpa.yaml")));
    ASSERT_TRUE(policy) << to_string(policy.error());
    const auto& metrics = policy->spec.metrics;
    ASSERT_EQ(metrics.size(), 5U);
    EXPECT_EQ(metrics[0].resource->target->average_utilization, 50);
    EXPECT_EQ(metrics[1].container_resource->target->average_value, Quantity::parse("200Mi"));
    EXPECT_EQ(metrics[2].pods->metric.selector->match_expressions[0].values,
              (std::vector<std::string>{"web", "api"}));
    EXPECT_EQ(metrics[4].external->target.average_value, Quantity::from_units(30));
    EXPECT_EQ(policy->spec.behavior->scale_down->tolerance, Quantity::from_milli(50));
    EXPECT_EQ(policy->spec.compatibility, Compatibility::AutoscalingV2);
}

TEST(ParseScalingPolicy, IsReadAsItWasPrinted) {
    for (const auto& sample : test::files_of(kSamples / "valid")) {
        const json object = document(text_of(sample));
        const auto policy = parse_scaling_policy(object, UnknownFields::Refuse);
        ASSERT_TRUE(policy) << sample << to_string(policy.error());
        const auto again = parse_scaling_policy(to_json(*policy), UnknownFields::Refuse);
        ASSERT_TRUE(again) << sample << to_string(again.error());
        EXPECT_EQ(*again, *policy) << sample;
        EXPECT_TRUE(validate(policy->spec).empty()) << to_string(validate(policy->spec));
    }
}

TEST(ParseScalingPolicy, RefusesEachInvalidSampleWithTheSentenceItNames) {
    std::size_t count = 0;
    for (const auto& sample : test::files_of(kSamples / "invalid")) {
        const std::string sentence = test::expected_of(sample);
        ASSERT_FALSE(sentence.empty()) << sample;
        EXPECT_THAT(errors_of(document(text_of(sample))), HasSubstr(sentence)) << sample;
        ++count;
    }
    EXPECT_GE(count, 30U);
}

TEST(ParseScalingPolicy, TellsAllErrorsAtOnce) {
    const json object = document(R"(
apiVersion: chatflow.dev/v1
kind: ScalingPolicy
metadata: {name: a}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment}
  minReplicas: -1
  mode: Dry
  metrics: [{type: Resource, resource: {name: gpu}}, 5]
)");
    EXPECT_EQ(errors_of(object),
              "apiVersion: must be chatflow.dev/v1alpha1, not \"chatflow.dev/v1\"; "
              "spec.targetRef.name: is required; "
              "spec.mode: must be one of Enforce, Observe, not \"Dry\"; "
              "spec.minReplicas: must be at least 0, not -1; "
              "spec.maxReplicas: is required; "
              "spec.metrics[0].resource.name: must be one of cpu, memory, not \"gpu\"; "
              "spec.metrics[1]: must be an object, not 5");
}

TEST(ParseScalingPolicy, StopsAddingErrorsAtItsBound) {
    json metrics = json::array();
    for (int i = 0; i < 20; ++i) metrics.push_back({{"type", 1}, {"a", 1}, {"b", 1}, {"c", 1}});
    const auto policy =
        parse_scaling_policy(policy_with("metrics", metrics), UnknownFields::Refuse);
    ASSERT_FALSE(policy);
    EXPECT_EQ(policy.error().size(), 50U);
}

TEST(ParseScalingPolicy, IgnoresUnknownFieldsOnlyWhereAskedTo) {
    const json object = policy_with("somethingNewer", 1);
    EXPECT_TRUE(parse_scaling_policy(object, UnknownFields::Ignore));
    EXPECT_THAT(errors_of(object), HasSubstr("spec.somethingNewer: is not a field here"));
}

TEST(ParseScalingPolicy, ReadsNullAsAbsent) {
    EXPECT_EQ(errors_of(policy_with("minReplicas", nullptr)), "");
    EXPECT_EQ(errors_of(policy_with("maxReplicas", nullptr)), "spec.maxReplicas: is required");
}

TEST(ParseScalingPolicy, RefusesWhatIsNoObject) {
    for (const json& value : {json(), json(1), json("a"), json::array()}) {
        EXPECT_THAT(errors_of(value), HasSubstr("must be an object"));
    }
}

TEST(ParseScalingPolicy, ShortensWhatItRepeats) {
    const std::string message = errors_of(policy_with("mode", std::string(100'000, 'x')));
    EXPECT_LT(message.size(), 200U);
    EXPECT_THAT(errors_of(policy_with(std::string(100'000, 'x'), 1)).size(), testing::Lt(1000U));
}

TEST(Validate, JudgesASpecMadeByTheProgram) {
    ScalingPolicySpec spec;
    spec.target_ref = {.api_version = "apps/v1", .kind = "Deployment", .name = "a"};
    spec.min_replicas = 3;
    spec.max_replicas = 2;
    spec.metrics = {{.type = MetricType::Resource,
                     .resource = ResourceMetric{.name = "cpu", .band = UtilizationBand{}}}};
    EXPECT_EQ(to_string(validate(spec)),
              "spec.maxReplicas: must be at least minReplicas (3), not 2");
}

TEST(KindTraits, DecodeAnInvalidPolicyAndSayWhy) {
    json object = policy_with("maxReplicas", 0);
    object["metadata"]["resourceVersion"] = "7";
    const ScalingPolicy policy = KindTraits<ScalingPolicy>::decode(object);
    EXPECT_EQ(policy.metadata.resource_version, "7");
    EXPECT_EQ(policy.spec_errors, (FieldErrors{{"spec.maxReplicas", "must be at least 1, not 0"}}));
    EXPECT_THROW((void)KindTraits<ScalingPolicy>::decode(json::object()), DecodeError);
    EXPECT_EQ(api_version_of<ScalingPolicy>(), "chatflow.dev/v1alpha1");
    EXPECT_EQ(api_root_of<ScalingPolicy>(), "/apis/chatflow.dev/v1alpha1");
}

TEST(KindTraits, KeepAWholeStatus) {
    constexpr TimePoint kNow{std::chrono::microseconds(1'800'000'000'250'000)};
    ScalingPolicy policy =
        parse_scaling_policy(document(text_of(kSamples / "valid/band.yaml"))).value();
    policy.metadata.name_space = "chat";
    policy.metadata.labels = {{"app", "chat"}};
    policy.status = {
        .observed_generation = 3,
        .current_replicas = 4,
        .desired_replicas = 6,
        .selector = "app=chat",
        .utilization_percent = 82,
        .last_scale_time = TimePoint(std::chrono::seconds(1'800'000'000)),
        .last_decision =
            DecisionRecord{
                .generation = 3,
                .observation = {.now = kNow,
                                .replicas = {.spec = 4, .status = 4},
                                .pods = {{.name = "a",
                                          .ready = ReadyStatus::Absent,
                                          .containers = {{.name = "c",
                                                          .requests = {{"cpu", Quantity::from_milli(
                                                                                   100)}}}}}},
                                .metrics = {PodSamples{
                                                {{.pod = "a",
                                                  .containers = {{.name = "c",
                                                                  .usage = Quantity::from_milli(
                                                                      82)}},
                                                  .timestamp = kNow}}},
                                            MetricError{.reason = "EmptyResult",
                                                        .message = "nothing"}}},
                .decision = {.replicas = 6,
                             .uncapped = 7,
                             .reason = DecisionReason::AboveThreshold,
                             .message = "cpu is at 82 %",
                             .limited_by = LimitedBy::MaxReplicas,
                             .metrics = {{.name = "cpu",
                                          .utilization_percent = 82,
                                          .proposal = 7,
                                          .verdict = MetricVerdict::ScaleUp},
                                         {.name = "queue",
                                          .verdict = MetricVerdict::NoData,
                                          .reason = "EmptyResult"}}}},
        .history = {.recommendations = {{.at = kNow, .replicas = 6}},
                    .scale_up_events = {{.at = kNow, .change = 2}}},
        .conditions = {{.type = "Ready",
                        .status = ConditionStatus::True,
                        .observed_generation = 3,
                        .last_transition_time = TimePoint(std::chrono::seconds(1'800'000'000)),
                        .reason = "AboveThreshold",
                        .message = "cpu is at 82 %"}}};
    const json object = KindTraits<ScalingPolicy>::encode(policy);
    EXPECT_EQ(KindTraits<ScalingPolicy>::decode(object), policy) << object.dump(1);
    EXPECT_TRUE(parse_scaling_policy(object, UnknownFields::Refuse));
}

}  // namespace
}  // namespace chatflow::api
