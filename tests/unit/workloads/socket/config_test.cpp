#include "workloads/socket/config.hpp"

#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>

namespace chatflow::socket {
namespace {

using testing::Contains;
using testing::Field;
using testing::SizeIs;
using Texts = std::map<std::string, std::string>;

Lookup from(Texts texts) {
    return [texts = std::move(texts)](const std::string& name) -> std::optional<std::string> {
        const auto found = texts.find(name);
        return found == texts.end() ? std::nullopt : std::optional(found->second);
    };
}

TEST(SocketConfig, NeedsKeysUnlessItEchoes) {
    const auto platform = read_config(from({}));
    ASSERT_FALSE(platform);
    EXPECT_EQ(platform.error().front().path, "CHATFLOW_AUTH_JWKS_FILE");
    EXPECT_TRUE(read_config(from({{"APPLICATION", "echo"}})));
}

TEST(SocketConfig, TakesKeysFromOnePlace) {
    const auto by_url = read_config(from({{"AUTH_JWKS_URL", "https://auth.example/jwks.json"},
                                          {"AUTH_JWKS_REFRESH_SECONDS", "60"}}));
    ASSERT_TRUE(by_url);
    EXPECT_EQ(by_url->jwks_period, std::chrono::seconds(60));
    const auto both = read_config(
        from({{"AUTH_JWKS_FILE", "/dev/null"}, {"AUTH_JWKS_URL", "http://auth/jwks.json"}}));
    ASSERT_FALSE(both);
    EXPECT_THAT(both.error(), Contains(Field(&FieldError::path, "CHATFLOW_AUTH_JWKS_URL")));
    EXPECT_FALSE(read_config(from({{"AUTH_JWKS_URL", "http://user:word@auth/jwks.json"}})));
}

TEST(SocketConfig, NamesEveryErrorAtOnce) {
    const auto config = read_config(from({{"APPLICATION", "echo"},
                                          {"HTTP_ADDRESS", "nowhere"},
                                          {"QUEUE_BYTES", "1"},
                                          {"POD_ID", "Pod_1"},
                                          {"SHUTDOWN_DELAY_SECONDS", "30"},
                                          {"PEER_ADDRESS", "{pod}.pods:8080"}}));
    ASSERT_FALSE(config);
    for (const char* name : {"HTTP_ADDRESS", "QUEUE_BYTES", "POD_ID", "SHUTDOWN_DELAY_SECONDS"}) {
        const std::string path = std::string("CHATFLOW_") + name;
        EXPECT_THAT(config.error(), Contains(Field(&FieldError::path, path)));
    }
    // Its place is a pod's name, which is missing as well.
    EXPECT_THAT(config.error(), SizeIs(5));
}

TEST(SocketConfig, ThePasswordOfRedisMayComeFromAFile) {
    const auto path = testing::TempDir() + "socket-redis-password";
    std::ofstream(path) << "word\n";
    const auto config = read_config(from({{"APPLICATION", "echo"},
                                          {"REDIS_URL", "redis://queue-redis:6379"},
                                          {"REDIS_PASSWORD_FILE", path}}));
    ASSERT_TRUE(config);
    EXPECT_EQ(config->redis.host, "queue-redis");
    EXPECT_EQ(config->redis.password, "word");
    EXPECT_FALSE(
        read_config(from({{"APPLICATION", "echo"}, {"REDIS_PASSWORD_FILE", "/no/such/file"}})));
}

TEST(SocketConfig, RoomsAreOpenUntilADatabaseIsGiven) {
    const auto open =
        read_config(from({{"APPLICATION", "echo"}, {"POSTGRES_DATABASE", "chatflow"}}));
    ASSERT_TRUE(open);
    EXPECT_FALSE(open->postgres);
    const auto guarded = read_config(from(
        {{"APPLICATION", "echo"}, {"POSTGRES_HOST", "db"}, {"POSTGRES_SSLMODE", "verify-full"}}));
    ASSERT_TRUE(guarded);
    ASSERT_TRUE(guarded->postgres);
    EXPECT_EQ(guarded->postgres->host, "db");
    EXPECT_EQ(guarded->postgres->ssl_mode, "verify-full");
}

TEST(SocketConfig, FlagsComeBeforeTheEnvironmentAndThatBeforeTheFile) {
    FieldErrors errors;
    const auto lookup =
        make_lookup(from({{"APPLICATION", "echo"}}),
                    from({{"CHATFLOW_APPLICATION", "platform"}, {"CHATFLOW_MAX_PAYLOAD", "2000"}}),
                    "max_payload: 3000\nqueue_bytes: 5000\ncolour: red\n", errors);
    ASSERT_THAT(errors, SizeIs(1));
    EXPECT_EQ(errors.front().path, "colour");
    const auto config = read_config(lookup);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->application, ApplicationKind::Echo);
    EXPECT_EQ(config->engine.settings.max_payload, 2000U);
    EXPECT_EQ(config->engine.queue_bytes, 5000U);
}

}  // namespace
}  // namespace chatflow::socket
