#include "workloads/chat-server/config.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

using Environment = std::map<std::string, std::string>;

std::expected<Config, FieldErrors> read(const Environment& environment, std::string_view yaml = "",
                                        unsigned threads = 3) {
    const auto lookup = [&](const std::string& name) -> std::optional<std::string> {
        const auto found = environment.find(name);
        if (found == environment.end()) return std::nullopt;
        return found->second;
    };
    return read_config(lookup, yaml, threads);
}

TEST(ReadConfig, HasDefaultsForEverything) {
    const auto config = read({});
    ASSERT_TRUE(config);
    EXPECT_EQ(config->http, (Address{.host = "0.0.0.0", .port = 8080}));
    EXPECT_EQ(config->metrics.port, 9090);
    EXPECT_EQ(config->postgres.host, "localhost");
    EXPECT_EQ(config->postgres.pool_size, 20U);
    EXPECT_EQ(config->export_life, 24h);
    EXPECT_EQ(config->shutdown_grace, 25s);
    EXPECT_EQ(config->threads, 3U);
}

TEST(ReadConfig, TakesTheEnvironmentBeforeTheFile) {
    const auto config =
        read({{"CHATFLOW_POSTGRES_HOST", "one"}, {"CHATFLOW_HTTP_ADDRESS", "[::]:80"}},
             "postgres_host: two\nredis_host: three\nthreads: 5\n");
    ASSERT_TRUE(config) << to_string(config.error());
    EXPECT_EQ(config->postgres.host, "one");
    EXPECT_EQ(config->redis.host, "three");
    EXPECT_EQ(config->http, (Address{.host = "::", .port = 80}));
    EXPECT_EQ(config->threads, 5U);
}

TEST(ReadConfig, JobsAndRoomsGoToTheCacheUnlessAQueueIsGiven) {
    const auto one = read({{"CHATFLOW_REDIS_HOST", "cache"}});
    ASSERT_TRUE(one);
    EXPECT_EQ(queue_redis(*one).host, "cache");
    const auto two = read({{"CHATFLOW_REDIS_HOST", "cache"},
                           {"CHATFLOW_QUEUE_REDIS_URL", "redis+sentinel://:p@a,b/main"},
                           {"CHATFLOW_QUEUE_REDIS_PASSWORD_FILE", "/dev/null"}});
    ASSERT_TRUE(two) << to_string(two.error());
    EXPECT_EQ(two->redis.host, "cache");
    EXPECT_EQ(queue_redis(*two).master_name, "main");
    EXPECT_EQ(queue_redis(*two).password, "");
}

struct Invalid {
    const char* name;
    const char* value;
    const char* says;
};

class InvalidSetting : public testing::TestWithParam<Invalid> {};

TEST_P(InvalidSetting, IsRefusedByNameWithWhatIsAllowed) {
    const auto config = read({{GetParam().name, GetParam().value}});
    ASSERT_FALSE(config);
    ASSERT_EQ(config.error().size(), 1U);
    EXPECT_EQ(config.error().front().path, GetParam().name);
    EXPECT_TRUE(config.error().front().message.contains(GetParam().says))
        << config.error().front().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, InvalidSetting,
    testing::Values(Invalid{"CHATFLOW_HTTP_ADDRESS", "8080", "0.0.0.0:8080"},
                    Invalid{"CHATFLOW_HTTP_ADDRESS", "a:70000", "0.0.0.0:8080"},
                    Invalid{"CHATFLOW_POSTGRES_PORT", "0", "1 to 65535"},
                    Invalid{"CHATFLOW_POSTGRES_PORT", "5432x", "1 to 65535"},
                    Invalid{"CHATFLOW_POSTGRES_HOST", "", "must not be empty"},
                    Invalid{"CHATFLOW_POSTGRES_POOL_SIZE", "501", "1 to 500"},
                    Invalid{"CHATFLOW_POSTGRES_PASSWORD_FILE", "/no/such", "readable file"},
                    Invalid{"CHATFLOW_REDIS_TLS", "yes", "true or false"},
                    Invalid{"CHATFLOW_QUEUE_REDIS_URL", "http://queue", "redis://"},
                    Invalid{"CHATFLOW_QUEUE_REDIS_URL", "redis+cluster://a", "Sentinel set"},
                    Invalid{"CHATFLOW_QUEUE_REDIS_PASSWORD_FILE", "/dev/null",
                            "CHATFLOW_QUEUE_REDIS_URL"},
                    Invalid{"CHATFLOW_LOG_LEVEL", "loud", "debug, info"},
                    Invalid{"CHATFLOW_THREADS", "0", "1 to 256"},
                    Invalid{"CHATFLOW_SHUTDOWN_DELAY_SECONDS", "26", "not be more than"}));

TEST(ReadConfig, NamesAllErrorsAndKeysThatAreNoSettings) {
    const auto config = read({{"CHATFLOW_THREADS", "x"}}, "redis_prot: 1\nlog_level: loud\n");
    ASSERT_FALSE(config);
    const std::string errors = to_string(config.error());
    EXPECT_TRUE(errors.contains("CHATFLOW_THREADS")) << errors;
    EXPECT_TRUE(errors.contains("redis_prot: is not a setting")) << errors;
    EXPECT_TRUE(errors.contains("CHATFLOW_LOG_LEVEL")) << errors;
    EXPECT_FALSE(read({}, "- a list"));
    EXPECT_FALSE(read({}, "a: [1"));
    EXPECT_FALSE(read({}, "threads: {a: 1}"));
}

TEST(DescribeSettings, NamesEachOnce) {
    const std::string text = describe_settings();
    for (const char* name : {"CHATFLOW_HTTP_ADDRESS", "CHATFLOW_REDIS_TLS", "CHATFLOW_THREADS"}) {
        EXPECT_NE(text.find(name), std::string::npos) << name;
        EXPECT_EQ(text.find(name), text.rfind(name)) << name;
    }
}

}  // namespace
}  // namespace chatflow::chat
