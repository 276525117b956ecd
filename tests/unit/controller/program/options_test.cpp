#include "controller/options.hpp"

#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

std::expected<ControllerOptions, int> parse(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "chatflow-controller");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    return parse_controller_options(static_cast<int>(argv.size()), argv.data());
}

TEST(ControllerOptions, WithoutArgumentsWatchAllNamespacesAsOneOfSeveral) {
    const auto options = parse({});
    ASSERT_TRUE(options);
    EXPECT_TRUE(options->watch_namespaces.empty());
    EXPECT_TRUE(options->leader_election);
    EXPECT_EQ(options->health_address, (ListenAddress{"", 8081}));
    EXPECT_FALSE(options->identity.empty());
}

TEST(ControllerOptions, TakeWhatTheChartGives) {
    const auto options = parse(
        {"--leader-election-namespace=chatflow-system", "--metrics-address=0.0.0.0:8080",
         "--health-address=[::]:8081", "--prometheus-url=http://prometheus:9090", "--cpu-window=1m",
         "--metrics-freshness=5s", "--watch-namespaces=chat,shop", "--log-level=debug",
         "--postgres-image=r/postgres-ha:1", "--redis-image=r/redis-ha:1"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->leader_election_namespace, "chatflow-system");
    EXPECT_EQ(options->metrics_address, (ListenAddress{"0.0.0.0", 8080}));
    EXPECT_EQ(options->health_address, (ListenAddress{"::", 8081}));
    EXPECT_EQ(options->prometheus_url, "http://prometheus:9090");
    EXPECT_EQ(options->cpu_window, std::chrono::seconds{60});
    EXPECT_EQ(options->metrics_freshness, std::chrono::seconds{5});
    EXPECT_THAT(options->watch_namespaces, testing::ElementsAre("chat", "shop"));
    EXPECT_EQ(options->log_level, LogLevel::Debug);
    EXPECT_EQ(options->postgres_image, "r/postgres-ha:1");
    EXPECT_EQ(options->redis_image, "r/redis-ha:1");
}

TEST(ControllerOptions, HelpAndVersionEndWell) {
    EXPECT_EQ(parse({"--help"}).error(), 0);
    EXPECT_EQ(parse({"--version"}).error(), 0);
}

class Refused : public testing::TestWithParam<const char*> {};

TEST_P(Refused, EndsAsAUsageError) {
    const auto options = parse({GetParam()});
    ASSERT_FALSE(options);
    EXPECT_EQ(options.error(), 2);
}

INSTANTIATE_TEST_SUITE_P(ControllerOptions, Refused,
                         testing::Values("--no-such-option", "--workers=0", "--workers=65",
                                         "--cpu-window=5s", "--metrics-freshness=2m",
                                         "--metrics-address=8080", "--health-address=:65536",
                                         "--health-address=:", "--log-level=loud"));

struct Address {
    const char* text;
    ListenAddress expected;
};

class ListenAddressTest : public testing::TestWithParam<Address> {};

TEST_P(ListenAddressTest, IsHostAndPort) {
    const auto parsed = parse_listen_address(GetParam().text);
    ASSERT_TRUE(parsed) << parsed.error();
    EXPECT_EQ(*parsed, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Forms, ListenAddressTest,
                         testing::Values(Address{":0", {"", 0}}, Address{":8080", {"", 8080}},
                                         Address{"127.0.0.1:1", {"127.0.0.1", 1}},
                                         Address{"[::1]:65535", {"::1", 65535}}));

}  // namespace
}  // namespace chatflow
