#include "controller/clients/prometheus/instant_vector.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::prom {
namespace {

struct Seen {
    std::vector<std::string> labels;
    double value;
    TimePoint at;
};

struct Answer {
    std::vector<Seen> samples;
    std::expected<void, api::MetricError> outcome;
};

constexpr std::array<std::string_view, 2> kLabels = {"namespace", "pod"};

Answer read(std::string_view body) {
    Answer answer;
    answer.outcome = read_instant_vector(body, kLabels, [&](const VectorSample& sample) {
        answer.samples.push_back(
            {{sample.labels.begin(), sample.labels.end()}, sample.value, sample.at});
    });
    return answer;
}

TEST(ReadInstantVector, VisitsEachSampleWithTheAskedLabelsAndItsTime) {
    const auto answer = read(R"({"status":"success","data":{"resultType":"vector","result":[
        {"metric":{"pod":"a-1","namespace":"chat","job":"x"},"value":[1700000000.25,"0.5"]},
        {"metric":{"pod":"a-2"},"value":[1700000001,"1e-3"]}],"stats":{"result":[1,2]}}})");

    ASSERT_TRUE(answer.outcome);
    ASSERT_EQ(answer.samples.size(), 2u);
    EXPECT_EQ(answer.samples[0].labels, (std::vector<std::string>{"chat", "a-1"}));
    EXPECT_EQ(answer.samples[0].value, 0.5);
    EXPECT_EQ(format_rfc3339_micro(answer.samples[0].at), "2023-11-14T22:13:20.250000Z");
    EXPECT_EQ(answer.samples[1].labels, (std::vector<std::string>{"", "a-2"}));
    EXPECT_EQ(answer.samples[1].value, 0.001);
}

TEST(ReadInstantVector, ALabelMayHaveAnyName) {
    const auto answer = read(R"({"status":"success","data":{"resultType":"vector","result":[
        {"metric":{"value":"gold","metric":"x","result":"y","pod":"a-1"},"value":[1700000000,"2"]},
        {"value":[1700000000,"3"],"metric":{"status":"z","pod":"a-2","value":""}}]}})");
    ASSERT_TRUE(answer.outcome);
    ASSERT_EQ(answer.samples.size(), 2U);
    EXPECT_EQ(answer.samples[0].value, 2);
    EXPECT_EQ(answer.samples[0].labels[1], "a-1");
    EXPECT_EQ(answer.samples[1].value, 3);
    EXPECT_EQ(answer.samples[1].labels[1], "a-2");
}

TEST(ReadInstantVector, AnEmptyResultIsNoSampleAndNoError) {
    const auto answer = read(R"({"status":"success","data":{"resultType":"vector","result":[]}})");
    EXPECT_TRUE(answer.outcome);
    EXPECT_TRUE(answer.samples.empty());
}

TEST(ReadInstantVector, AScalarIsOneSampleWithoutLabels) {
    const auto answer =
        read(R"({"status":"success","data":{"resultType":"scalar","result":[1700000000,"42"]}})");
    ASSERT_TRUE(answer.outcome);
    ASSERT_EQ(answer.samples.size(), 1u);
    EXPECT_EQ(answer.samples[0].value, 42);
}

TEST(ReadInstantVector, NaNAndInfinityArriveAsSuch) {
    const auto answer = read(R"({"status":"success","data":{"resultType":"vector","result":[
        {"metric":{},"value":[1,"NaN"]},{"metric":{},"value":[1,"+Inf"]}]}})");
    ASSERT_TRUE(answer.outcome);
    ASSERT_EQ(answer.samples.size(), 2u);
    EXPECT_TRUE(std::isnan(answer.samples[0].value));
    EXPECT_TRUE(std::isinf(answer.samples[1].value));
}

TEST(ReadInstantVector, AnErrorKeepsPrometheusWords) {
    const auto answer =
        read(R"({"status":"error","errorType":"bad_data","error":"parse error: unexpected end"})");
    ASSERT_FALSE(answer.outcome);
    EXPECT_EQ(answer.outcome.error().reason, "QueryFailed");
    EXPECT_EQ(answer.outcome.error().message, "Prometheus says: parse error: unexpected end");
}

TEST(ReadInstantVector, ARangeVectorIsRefused) {
    const auto answer = read(R"({"status":"success","data":{"resultType":"matrix","result":[]}})");
    ASSERT_FALSE(answer.outcome);
    EXPECT_THAT(answer.outcome.error().message, testing::HasSubstr("must yield a vector"));
}

TEST(ReadInstantVector, AnythingElseIsUnreadable) {
    for (
        const char* body :
        {"", "<html>503</html>", "[]", "{}", R"({"status":"success"})",
         R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"x"]}]}})",
         R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{}}]}})",
         R"({"status":"success","data":{"resultType":"vector","result":[)"}) {
        EXPECT_FALSE(read(body).outcome) << body;
    }
}

}  // namespace
}  // namespace chatflow::prom
