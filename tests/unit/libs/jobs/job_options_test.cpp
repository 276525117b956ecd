#include "libs/jobs/job_options.hpp"

#include <gtest/gtest.h>

namespace chatflow::jobs {
namespace {

using namespace std::chrono_literals;

TEST(JobOptions, AreReadAsBullMqWritesThem) {
    const auto options = parse_job_options(
        R"({"attempts":3,"backoff":{"type":"exponential","delay":1000,"jitter":0.5},"delay":300,
            "priority":5,"lifo":true,"jobId":"my","removeOnComplete":{"age":10,"count":5},
            "removeOnFail":true,"fpof":true,"de":{"id":"dd","ttl":5000,"replace":true},
            "parent":{"id":"p","queue":"bull:q"}})");
    ASSERT_TRUE(options);
    const JobOptions expected{
        .attempts = 3,
        .backoff = {.kind = Backoff::Kind::Exponential, .delay = 1s, .jitter = 0.5},
        .delay = 300ms,
        .priority = 5,
        .lifo = true,
        .job_id = "my",
        .on_complete = {.count = 5, .age = 10s},
        .on_fail = Keep::none(),
        .deduplication = Deduplication{.id = "dd", .ttl = 5s, .extend = false, .replace = true},
        .parent = Parent{.id = "p", .queue = "bull:q"},
        .on_parent = ParentOnFailure::Fail};
    EXPECT_EQ(*options, expected);
    EXPECT_EQ(parse_job_options(to_json(expected)), expected);
}

TEST(JobOptions, WithoutAWordMeanOneAttemptAndEverythingKept) {
    EXPECT_EQ(parse_job_options(R"({"attempts":0})"), JobOptions{});
    EXPECT_EQ(parse_job_options(to_json(JobOptions{})), JobOptions{});
    EXPECT_EQ(parse_job_options(R"({"backoff":500})")->backoff.delay, 500ms);
    EXPECT_EQ(parse_job_options(R"({"removeOnComplete":100})")->on_complete.count, 100);
    EXPECT_EQ(parse_job_options(R"({"removeOnComplete":-1})")->on_complete, Keep::all());
}

TEST(JobOptions, OfAnotherShapeAreAsIfNotSaid) {
    EXPECT_FALSE(parse_job_options("no JSON"));
    EXPECT_FALSE(parse_job_options("[]"));
    const auto options = parse_job_options(
        R"({"attempts":"many","delay":-5,"priority":1e99,"backoff":[],"de":7,"parent":null})");
    ASSERT_TRUE(options);
    EXPECT_EQ(options->attempts, 1U);
    EXPECT_EQ(options->delay, 0ms);
    EXPECT_EQ(options->priority, JobOptions::kPriorityMax);
    EXPECT_FALSE(options->parent);
}

}  // namespace
}  // namespace chatflow::jobs
