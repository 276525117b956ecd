#include "workloads/worker/config.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::worker {
namespace {

using testing::HasSubstr;

std::expected<Config, FieldErrors> read(std::map<std::string, std::string> environment,
                                        std::string_view yaml = "") {
    const auto look_up = [&environment](const std::string& name) {
        const auto found = environment.find(name);
        return found != environment.end() ? std::optional(found->second) : std::nullopt;
    };
    return read_config(look_up, yaml);
}

TEST(WorkerConfig, OfTheEnvironmentNamesQueuesInOneLine) {
    const auto config = read({{"CHATFLOW_QUEUES", "media=thumbnail pay=http://pay/jobs"},
                              {"CHATFLOW_CONCURRENCY", "7"}});
    ASSERT_TRUE(config);
    ASSERT_EQ(config->queues.size(), 2U);
    EXPECT_EQ(config->queues[0].processor, ProcessorKind::Thumbnail);
    EXPECT_EQ(config->queues[1].url, "http://pay/jobs");
    EXPECT_EQ(config->queues[1].concurrency, 7U);
}

TEST(WorkerConfig, OfTheFileSaysMoreOfEachQueue) {
    const auto config = read({{"CHATFLOW_REDIS_URL", "redis://other:7000"}}, R"(
redis_url: redis://queue
concurrency: 3
queues:
  payments: {processor: "http://pay/jobs", concurrency: 2, review_queue: review, rate_jobs: 60}
  mail: {processor: echo}
)");
    ASSERT_TRUE(config) << to_string(config.error());
    EXPECT_EQ(config->redis.host, "other");
    EXPECT_EQ(config->queues[0].concurrency, 2U);
    EXPECT_EQ(config->queues[0].review_queue, "review");
    EXPECT_EQ(config->queues[0].rate_jobs, 60U);
    EXPECT_EQ(config->queues[1].concurrency, 3U);
}

TEST(WorkerConfig, NamesEveryError) {
    const auto config = read({{"CHATFLOW_CONCURRENCY", "0"}}, R"(
lock_second: 3
queues:
  "a:b": {processor: dance}
  again: {review_queue: again}
)");
    ASSERT_FALSE(config);
    const std::string errors = to_string(config.error());
    EXPECT_THAT(errors, HasSubstr("CHATFLOW_CONCURRENCY: must be a number from 1 to 10000"));
    EXPECT_THAT(errors, HasSubstr("lock_second: is no setting"));
    EXPECT_THAT(errors, HasSubstr("queues.a:b: must be a name without colon"));
    EXPECT_THAT(errors, HasSubstr("queues.a:b.processor: must be audits, echo, exports"));
    EXPECT_THAT(errors, HasSubstr("queues.again.processor: is required"));
    EXPECT_THAT(errors, HasSubstr("queues.again.review_queue: must be another queue"));
}

TEST(WorkerConfig, PaymentsThatFailForGoodGoToPeople) {
    const auto config = read({{"CHATFLOW_QUEUES", "pay=payments:http://gateway/charge"}});
    ASSERT_TRUE(config) << to_string(config.error());
    EXPECT_EQ(config->queues[0].processor, ProcessorKind::Payments);
    EXPECT_EQ(config->queues[0].url, "http://gateway/charge");
    EXPECT_EQ(config->queues[0].review_queue, "pay-review");
}

TEST(WorkerConfig, ExportsAndAuditsNeedPostgres) {
    const auto config = read({{"CHATFLOW_QUEUES", "exports=exports audits=audits"}});
    ASSERT_FALSE(config);
    EXPECT_EQ(to_string(config.error()),
              "queues.exports: needs CHATFLOW_POSTGRES_HOST; "
              "queues.audits: needs CHATFLOW_POSTGRES_HOST");
    EXPECT_TRUE(read({{"CHATFLOW_QUEUES", "exports=exports"}, {"CHATFLOW_POSTGRES_HOST", "db"}}));
}

TEST(WorkerConfig, WithoutQueuesIsNone) {
    const auto config = read({});
    ASSERT_FALSE(config);
    EXPECT_EQ(to_string(config.error()), "queues: must name at least one queue");
}

}  // namespace
}  // namespace chatflow::worker
