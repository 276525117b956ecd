#include "libs/jobs/job.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace chatflow::jobs {
namespace {

using namespace std::chrono_literals;

TEST(Job, IsReadFromItsHash) {
    const std::vector<HashField> fields = {{"name", "mail"},
                                           {"data", R"({"to":"u","traceId":"4bf92f35"})"},
                                           {"opts", R"({"attempts":3})"},
                                           {"timestamp", "1795263554802"},
                                           {"delay", "300"},
                                           {"priority", "2"},
                                           {"atm", "1"},
                                           {"ats", "2"},
                                           {"stc", "1"},
                                           {"defa", "child failed"},
                                           {"rjk", "daily"},
                                           {"deid", "d"},
                                           {"unheard", "of"}};
    const auto job = parse_job("7", fields);
    ASSERT_TRUE(job);
    EXPECT_EQ(job->id, "7");
    EXPECT_EQ(job->name, "mail");
    EXPECT_EQ(job->options.attempts, 3U);
    EXPECT_EQ(job->timestamp, Milliseconds(1795263554802ms));
    EXPECT_EQ(job->delay, 300ms);
    EXPECT_EQ(job->priority, 2U);
    EXPECT_EQ(job->attempts_made, 1U);
    EXPECT_EQ(job->attempts_started, 2U);
    EXPECT_EQ(job->deferred_failure, "child failed");
    EXPECT_EQ(job->scheduler_id, "daily");
    EXPECT_EQ(job->deduplication_id, "d");
    EXPECT_EQ(job->trace_id, "4bf92f35");
}

TEST(Job, WithoutANameIsNone) {
    const std::vector<HashField> fields = {{"data", "{}"}};
    EXPECT_FALSE(parse_job("7", fields));
    EXPECT_FALSE(parse_job("7", {}));
}

TEST(Job, ATraceIdIsHexadecimalOrNothing) {
    const auto trace_of = [](std::string_view data) {
        const std::vector<HashField> fields = {{"name", "x"}, {"data", data}};
        return parse_job("1", fields)->trace_id;
    };
    EXPECT_EQ(trace_of(R"({"traceId":"ab-12"})"), "ab-12");
    EXPECT_EQ(trace_of(R"({"traceId":"<b>"})"), "");
    EXPECT_EQ(trace_of(R"({"traceId":"12)"), "");
    EXPECT_EQ(trace_of(R"({"traceId":")" + std::string(65, 'a') + "\"}"), "");
}

TEST(Job, BelongsToTheTraceOfItsDataOrOfItsProducersTelemetry) {
    const std::string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const std::string data = R"({"traceId":"1","traceparent":")" + parent + "\"}";
    const std::string options = R"({"attempts":3,"tm":"{\"traceparent\":\")" + parent + R"(\"}"})";
    const auto job_of = [](std::string_view some_data, std::string_view some_options) {
        const std::vector<HashField> fields = {
            {"name", "x"}, {"data", some_data}, {"opts", some_options}};
        return *parse_job("1", fields);
    };
    for (const Job& job : {job_of(data, "{}"), job_of("{}", options)}) {
        EXPECT_EQ(job.traceparent, parent);
        EXPECT_EQ(job.trace_id, "0af7651916cd43dd8448eb211c80319c");
    }
    EXPECT_EQ(job_of(R"({"traceparent":"00-zz"})", "").traceparent, "");
}

TEST(StackTrace, KeepsTheNewest) {
    EXPECT_EQ(append_stack_trace("", "one", 2), R"(["one"])");
    EXPECT_EQ(append_stack_trace(R"(["one","two"])", "three", 2), R"(["two","three"])");
    EXPECT_EQ(append_stack_trace("{broken", "x", 0), "[]");
}

TEST(OptionsMemo, TakesEachJobsOwnOptions) {
    OptionsMemo memo;
    EXPECT_EQ(memo.of("").attempts, 1u);
    EXPECT_EQ(memo.of(R"({"attempts":3})").attempts, 3u);
    EXPECT_EQ(memo.of(R"({"attempts":3})").attempts, 3u);
    EXPECT_EQ(memo.of(R"({"lifo":true})").attempts, 1u);
    EXPECT_TRUE(memo.of(R"({"lifo":true})").lifo);
    EXPECT_EQ(memo.of("[]"), JobOptions{});
}

}  // namespace
}  // namespace chatflow::jobs
