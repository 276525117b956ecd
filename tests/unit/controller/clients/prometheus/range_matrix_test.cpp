#include "controller/clients/prometheus/range_matrix.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::prom {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Samples = std::vector<std::optional<std::int64_t>>;

const Range kRange{TimePoint{600s}, TimePoint{840s}, 60s};

api::MetricError error_of(std::string_view body) { return read_range(body, kRange).error(); }

TEST(RangeMatrix, PutsSamplesOnTheirStep) {
    const auto samples = read_range(
        R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{},
            "values":[[600,"1.5"],[720.0,"2"],[780,"NaN"],[840,"0"],[9999,"3"]]}]}})",
        kRange);
    ASSERT_TRUE(samples);
    EXPECT_EQ(*samples, (Samples{1500, {}, 2000, {}, 0}));
}

TEST(RangeMatrix, TellsWhatPrometheusSaid) {
    EXPECT_EQ(error_of(R"({"status":"error","error":"parse error"})").message, "parse error");
}

TEST(RangeMatrix, RefusesNoneAndSeveral) {
    EXPECT_EQ(error_of(R"({"status":"success","data":{"result":[]}})").reason, "EmptyResult");
    EXPECT_THAT(error_of(R"({"status":"success","data":{"result":[{},{}]}})").message,
                HasSubstr("2 series"));
}

TEST(RangeMatrix, RefusesWhatIsNoAnswer) {
    for (const char* body : {"", "[]", "<html>", R"({"status":"success"})",
                             R"({"status":"success","data":{"result":[{"values":7}]}})"}) {
        EXPECT_EQ(error_of(body).reason, "UnreadableAnswer") << body;
    }
}

}  // namespace
}  // namespace chatflow::prom
