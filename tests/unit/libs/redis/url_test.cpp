#include "libs/redis/url.hpp"

#include <gtest/gtest.h>

namespace chatflow::redis {
namespace {

TEST(RedisUrl, NamesOneServer) {
    const auto options = parse_url("redis://app:p%40ss@redis.example:6380/2");
    ASSERT_TRUE(options) << options.error();
    EXPECT_EQ(options->host, "redis.example");
    EXPECT_EQ(options->port, 6380);
    EXPECT_EQ(options->username, "app");
    EXPECT_EQ(options->password, "p@ss");
    EXPECT_EQ(options->database, 2U);
    EXPECT_EQ(options->discovery, Discovery::Direct);
    EXPECT_FALSE(options->tls.enabled);
    EXPECT_EQ(parse_url("redis://r")->port, 6379);
    EXPECT_EQ(parse_url("redis://[::1]:7000")->host, "::1");
    EXPECT_EQ(parse_url("redis://:secret@r")->password, "secret");
}

TEST(RedisUrl, NamesSentinelsAndTheSet) {
    const auto options = parse_url("rediss+sentinel://:p@s1,s2:26380/chat/1?sentinel_password=q");
    ASSERT_TRUE(options) << options.error();
    EXPECT_EQ(options->discovery, Discovery::Sentinel);
    EXPECT_EQ(options->seeds, (std::vector<Address>{{"s1", 26379}, {"s2", 26380}}));
    EXPECT_EQ(options->master_name, "chat");
    EXPECT_EQ(options->database, 1U);
    EXPECT_EQ(options->password, "p");
    EXPECT_EQ(options->sentinel_password, "q");
    EXPECT_TRUE(options->tls.enabled);
}

TEST(RedisUrl, NamesAClusterAndTls) {
    const auto options = parse_url("rediss+cluster://a,b:7001?ca_file=/etc/ca.pem");
    ASSERT_TRUE(options) << options.error();
    EXPECT_EQ(options->discovery, Discovery::Cluster);
    EXPECT_EQ(options->seeds, (std::vector<Address>{{"a", 6379}, {"b", 7001}}));
    EXPECT_EQ(options->tls.ca_file, "/etc/ca.pem");
}

TEST(RedisUrl, IsRefusedWithWhatIsExpectedAndWithoutItsPassword) {
    for (const auto* text :
         {"", "http://r", "redis+tree://r", "redis://", "redis://r:0", "redis://r:99999",
          "redis://a,b", "redis://r/x", "redis://:p%4@r", "redis+sentinel://s1",
          "redis+cluster://a/3", "redis://r?colour=red", "redis://[::1:7000"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
    EXPECT_FALSE(parse_url("redis://:hush@r:x").error().contains("hush"));
}

}  // namespace
}  // namespace chatflow::redis
