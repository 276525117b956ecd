#include "controller/api/scaling_case_codec.hpp"

#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kCase = R"({
  "id": "steady",
  "spec": {"minReplicas": 2, "maxReplicas": 10,
    "metrics": [
      {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}},
      {"type": "Pods", "pods": {"metric": {"name": "qps"}, "target": {"type": "AverageValue", "averageValue": "15"}}},
      {"type": "External", "external": {"metric": {"name": "depth"}, "target": {"type": "Value", "value": "4400m"}}},
      {"type": "Prometheus", "prometheus": {"name": "lag", "query": "lag", "target": {"type": "Value", "value": 1}}}],
    "behavior": {"scaleUp": {"tolerance": "0.2"}, "scaleDown": {"stabilizationWindowSeconds": 60}},
    "cpuInitializationPeriodSeconds": 120},
  "now": "2026-11-21T08:00:00.5Z",
  "replicas": {"spec": 3, "status": 4},
  "pods": [
    {"name": "a", "phase": "Running", "ready": "True", "startTime": "2026-11-21T07:00:00Z",
     "readyTransitionTime": "2026-11-21T07:00:10+00:00",
     "containers": [{"name": "c", "requests": {"cpu": "1"}}]},
    {"name": "b", "phase": "Pending", "ready": "absent", "deletionTimestamp": "2026-11-21T07:59:00Z"},
    {"name": "c", "ready": false}],
  "metrics": [
    {"pods": [{"pod": "a", "containers": [{"name": "c", "usage": "500m"}],
               "timestamp": "2026-11-21T07:59:50Z", "windowSeconds": 30}]},
    {"pods": [{"pod": "a", "value": 12}]},
    {"values": ["8600m", 2]},
    {"error": "no series"}],
  "history": {"recommendations": [{"at": "2026-11-21T07:59:45Z", "replicas": 5}],
              "scaleUpEvents": [{"at": "2026-11-21T07:59:30Z", "change": 2}]}
})";

CaseFile case_of(const json& object) {
    const auto file = parse_case(object);
    EXPECT_TRUE(file) << to_string(file.error());
    return file.value_or(CaseFile{});
}

std::string errors_of(const json& object) {
    const auto file = parse_case(object);
    return file ? "" : to_string(file.error());
}

json with(const char* pointer, json value) {
    json object = json::parse(kCase);
    object[json::json_pointer(pointer)] = std::move(value);
    return object;
}

TEST(ParseCase, ReadsEveryForm) {
    const CaseFile file = case_of(json::parse(kCase));
    EXPECT_EQ(file.id, "\"steady\"");
    EXPECT_EQ(file.spec.cpu_initialization_period_seconds, 120);
    EXPECT_EQ(file.spec.initial_readiness_delay_seconds, 30);
    EXPECT_EQ(file.spec.behavior->scale_up->tolerance, Quantity::from_milli(200));
    const Observation& seen = file.observation;
    EXPECT_EQ(seen.now, parse_rfc3339("2026-11-21T08:00:00.5Z"));
    EXPECT_EQ(seen.replicas, (CaseReplicas{.spec = 3, .status = 4}));
    ASSERT_EQ(seen.pods.size(), 3U);
    EXPECT_EQ(seen.pods[0].containers[0].requests.at("cpu"), Quantity::from_units(1));
    EXPECT_EQ(seen.pods[1].ready, ReadyStatus::Absent);
    EXPECT_EQ(seen.pods[2].ready, ReadyStatus::False);
    EXPECT_EQ(seen.pods[2].phase, PodPhase::Running);
    ASSERT_EQ(seen.metrics.size(), 4U);
    const auto& samples = std::get<PodSamples>(seen.metrics[0]).pods;
    EXPECT_EQ(samples.at(0).containers.at(0).usage, Quantity::from_milli(500));
    EXPECT_EQ(samples.at(0).window_seconds, 30);
    EXPECT_EQ(std::get<PodSamples>(seen.metrics[1]).pods.at(0).value, Quantity::from_units(12));
    EXPECT_EQ(std::get<MetricValues>(seen.metrics[2]).values,
              (std::vector{Quantity::from_milli(8600), Quantity::from_units(2)}));
    EXPECT_EQ(std::get<MetricError>(seen.metrics[3]).message, "no series");
    EXPECT_EQ(seen.history.recommendations.at(0).replicas, 5);
}

TEST(ParseCase, IsReadAsItWasPrinted) {
    const CaseFile file = case_of(json::parse(kCase));
    EXPECT_EQ(case_of(to_json(file)), file) << to_json(file).dump(1);
}

TEST(ParseCase, NeedsOfTheSpecOnlyWhatIsUsed) {
    const CaseFile file = case_of(json::parse(
        R"({"spec": {}, "now": "2026-11-21T08:00:00Z", "replicas": {"spec": 3}, "proposal": 7})"));
    EXPECT_EQ(file.observation.proposal, 7);
    EXPECT_EQ(file.observation.replicas.status, 3);
    EXPECT_EQ(file.spec.min_replicas, 1);
    EXPECT_EQ(file.spec.max_replicas, std::numeric_limits<std::int32_t>::max());
    EXPECT_EQ(case_of(to_json(file)), file);
    EXPECT_EQ(errors_of(with("/spec/metrics", json::array())),
              "metrics: must have one entry for each of spec.metrics (0), not 4");
}

TEST(ParseCase, ACaseWithoutReadingsHasNoData) {
    json object = json::parse(kCase);
    object.erase("metrics");
    const CaseFile file = case_of(object);
    ASSERT_EQ(file.observation.metrics.size(), 4U);
    EXPECT_EQ(std::get<MetricError>(file.observation.metrics[0]).reason, "NoReading");
}

TEST(ParseCase, TakesAnyKindOfId) {
    for (const json& id : {json(17), json("a"), json(true), json({{"a", {1, 2}}}), json()}) {
        const CaseFile file = case_of(with("/id", id));
        EXPECT_EQ(to_json(file, Decision{}).at("id"), id);
    }
    json deep = 1;
    for (int level = 0; level < 100; ++level) deep = json::array({deep});
    EXPECT_EQ(errors_of(with("/id", deep)), "id: must be at most 16 levels deep");
}

struct BadCase {
    const char* pointer;
    json value;
    const char* error;
};

TEST(ParseCase, TellsWhereItIsWrong) {
    for (const BadCase& bad : std::vector<BadCase>{
             {"/now", "yesterday",
              "now: must be a time such as 2026-11-21T08:00:00Z, not \"yesterday\""},
             {"/replicas/spec", -1, "replicas.spec: must be at least 0, not -1"},
             {"/replicas", 3, "replicas: must be an object, not 3"},
             {"/pods/1/ready", "Maybe",
              "pods[1].ready: must be one of True, False, Unknown, absent, not \"Maybe\""},
             {"/pods/0/containers/0/requests/cpu", "much",
              "pods[0].containers[0].requests.cpu: must be a quantity"},
             {"/metrics/0/pods/0/containers/0/usage",
              {1},
              "metrics[0].pods[0].containers[0].usage: must be a quantity such as 500m, 2, 1.5 or "
              "128Mi, not a list"},
             {"/metrics/2/error", "x",
              "metrics[2]: must have exactly one of pods, values and error"},
             {"/metrics/1", json::object(),
              "metrics[1]: must have exactly one of pods, values and error"},
             {"/metrics/4",
              {{"error", "x"}},
              "metrics: must have one entry for each of spec.metrics (4), not 5"},
             {"/history/scaleUpEvents/0/change", "2",
              "history.scaleUpEvents[0].change: must be a whole number, not \"2\""},
             {"/history/recommendations/0",
              {{"at", 5}},
              "history.recommendations[0].at: must be a time"},
             {"/spec/metrics/0/resource/target/averageUtilization", 0,
              "spec.metrics[0].resource.target.averageUtilization: must be from 1 to 10000, not 0"},
             {"/spec/maxReplicas", 1, "spec.maxReplicas: must be at least minReplicas (2), not 1"},
             {"/proposal", 1e99, "proposal: must be a whole number, not 1e+99"},
             {"/proposal", 18446744073709551615U,
              "proposal: must be from 0 to 2147483647, not 18446744073709551615"},
         }) {
        EXPECT_THAT(errors_of(with(bad.pointer, bad.value)), HasSubstr(bad.error)) << bad.pointer;
    }
}

TEST(ParseCase, TellsAllErrorsAtOnce) {
    EXPECT_EQ(errors_of(json::parse(R"({"pods": [{"name": ""}, {}]})")),
              "spec: is required; now: is required; replicas: is required; "
              "pods[0].name: must not be empty; pods[1].name: is required");
}

TEST(ParseCaseText, TellsWhereJsonEnds) {
    const auto file = parse_case_text("{\"id\": ");
    ASSERT_FALSE(file);
    EXPECT_THAT(to_string(file.error()), HasSubstr("must be JSON; it is not from character 8 on"));
    EXPECT_FALSE(parse_case_text("[1e999]"));
    EXPECT_FALSE(parse_case_text(std::string(100'000, '[')));
    EXPECT_FALSE(parse_case_text("\xff"));
}

TEST(DecisionJson, HasTheWordsOfTheRecord) {
    const Decision decision{.replicas = 4,
                            .uncapped = 9,
                            .reason = DecisionReason::RateLimited,
                            .message = "m",
                            .limited_by = LimitedBy::ScaleUpPolicy,
                            .metrics = {{.name = "cpu",
                                         .value = Quantity::from_milli(910),
                                         .utilization_percent = 91,
                                         .age_seconds = 5,
                                         .proposal = 9,
                                         .verdict = MetricVerdict::ScaleUp,
                                         .message = ""}},
                            .error = std::nullopt};
    EXPECT_EQ(to_json(decision),
              json::parse(R"({"replicas": 4, "uncapped": 9, "reason": "RateLimited",
        "message": "m", "limitedBy": "ScaleUpPolicy", "metrics": [{"name": "cpu", "value": "910m",
        "utilizationPercent": 91, "age": 5, "proposal": 9, "verdict": "ScaleUp"}]})"));
    EXPECT_EQ(parse_decision(to_json(decision)).value(), decision);
    EXPECT_EQ(to_json(CaseFile{}, Decision{.error = "no request"}).at("error"), "no request");
}

}  // namespace
}  // namespace chatflow::api
