#include "controller/clients/metrics_api/answers.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::metrics_api {
namespace {

using nlohmann::json;

TEST(MetricsApiAnswers, DurationsBecomeWholeSeconds) {
    EXPECT_EQ(seconds_of("15s"), 15);
    EXPECT_EQ(seconds_of("1m30.5s"), 90);
    EXPECT_EQ(seconds_of("1h2m3s"), 3723);
    EXPECT_EQ(seconds_of("2500ms"), 2);
    for (const char* bad : {"", "15", "s", "-5s", "5 parsecs", "nan s"}) {
        EXPECT_EQ(seconds_of(bad), 0) << bad;
    }
}

TEST(MetricsApiAnswers, APodWithoutATimeOrAnAmountIsLeftOut) {
    const json list = json::parse(R"({"items": [
        {"metadata": {"name": "a"}, "timestamp": "2026-11-21T12:00:00Z", "window": "15s",
         "containers": [{"name": "app", "usage": {"cpu": "12345678n", "memory": "64Mi"}},
                        {"name": "sidecar", "usage": {}}]},
        {"metadata": {"name": "b"}, "containers": [{"name": "app", "usage": {"cpu": "1"}}]},
        {"metadata": {"name": "c"}, "timestamp": "2026-11-21T12:00:00Z", "containers": []}]})");
    const auto cpu = read_pod_metrics(list, prom::Resource::Cpu);
    ASSERT_EQ(cpu.size(), 1U);
    ASSERT_EQ(cpu.at("a").containers.size(), 1U);
    EXPECT_EQ(cpu.at("a").containers[0].usage, api::Quantity::from_milli(13));
    EXPECT_EQ(cpu.at("a").window_seconds, 15);
    EXPECT_EQ(read_pod_metrics(list, prom::Resource::Memory).at("a").containers[0].usage,
              api::Quantity::from_units(64 << 20));
}

TEST(MetricsApiAnswers, AnEmptyListIsNoDataAndNoZero) {
    for (const char* text : {R"({"items": []})", R"({"items": null})", "{}", "[]", "7"}) {
        const json list = json::parse(text);
        EXPECT_TRUE(read_pod_metrics(list, prom::Resource::Cpu).empty()) << text;
        EXPECT_TRUE(std::holds_alternative<api::MetricError>(read_values(list))) << text;
        EXPECT_TRUE(std::holds_alternative<api::MetricError>(read_pod_values(list))) << text;
    }
}

TEST(MetricsApiAnswers, ValuesCarryTheOldestOfTheirTimes) {
    const auto reading = read_values(json::parse(R"({"items": [
        {"value": "3", "timestamp": "2026-11-21T12:00:05Z"},
        {"value": "500m", "timestamp": "2026-11-21T12:00:00Z"}]})"));
    const auto& values = std::get<api::MetricValues>(reading);
    ASSERT_EQ(values.values.size(), 2U);
    EXPECT_EQ(values.values[1], api::Quantity::from_milli(500));
    EXPECT_EQ(values.timestamp, parse_rfc3339("2026-11-21T12:00:00Z"));
}

TEST(MetricsApiAnswers, APartThatIsNoNumberIsNotTakenForZero) {
    for (const char* part : {R"({"value": "many"})", R"({"value": null})", "{}", "7"}) {
        const auto reading =
            read_values(json::parse(std::string(R"({"items": [{"value": "3"},)") + part + "]}"));
        EXPECT_TRUE(std::holds_alternative<api::MetricError>(reading)) << part;
    }
}

}  // namespace
}  // namespace chatflow::metrics_api
