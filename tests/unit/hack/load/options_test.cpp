#include "hack/load/options.hpp"

#include <gtest/gtest.h>

namespace chatflow::load {
namespace {

using namespace std::chrono_literals;

TEST(ParseUrl, TakesNamesAndAddresses) {
    EXPECT_EQ(parse_url("http://chat-server:8080"), (Target{.host = "chat-server", .port = 8080}));
    EXPECT_EQ(parse_url("http://chat-server/"), (Target{.host = "chat-server", .port = 80}));
    EXPECT_EQ(parse_url("http://[::1]:8080"), (Target{.host = "::1", .port = 8080}));
    EXPECT_EQ(parse_url("http://[::1]"), (Target{.host = "::1", .port = 80}));
}

TEST(ParseUrl, RefusesWhatItCannotUse) {
    for (const char* text : {"", "chat-server:8080", "https://a", "http://", "http://a:0",
                             "http://a:70000", "http://a:x", "http://a/b", "http://u@a"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
}

TEST(ParseRate, TakesANumberPerSecond) {
    EXPECT_EQ(parse_rate("250"), 250);
    EXPECT_EQ(parse_rate("0.5/s"), 0.5);
    EXPECT_EQ(parse_rate("0"), 0);
    for (const char* text : {"", "-1", "1/m", "x", "1e9", "nan"}) EXPECT_FALSE(parse_rate(text));
}

TEST(ParseDuration, TakesUnits) {
    EXPECT_EQ(parse_duration("90"), 90s);
    EXPECT_EQ(parse_duration("90s"), 90s);
    EXPECT_EQ(parse_duration("1.5m"), 90s);
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("1h"), 1h);
    for (const char* text : {"", "s", "-1s", "1d", "25h", "1 s"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(Scenarios, AreWithinTheBoundsAndFoundByName) {
    for (const Scenario& each : scenarios()) {
        EXPECT_EQ(find_scenario(each.name), &each);
        Options options;
        apply(each, options);
        EXPECT_EQ(options.mix, Mix::Chat);
        EXPECT_EQ(options.connections, each.users);
        EXPECT_LE(options.connections, kConnectionsMax);
        EXPECT_LE(options.accounts, kAccountsMax);
        EXPECT_LE(options.rooms, kRoomsMax);
        EXPECT_GE(options.rooms, options.accounts) << "an account without a room does nothing";
    }
    EXPECT_EQ(find_scenario("users-401"), nullptr);
}

TEST(ParseMix, KnowsFour) {
    for (const Mix mix : {Mix::Read, Mix::Write, Mix::Mixed, Mix::Chat})
        EXPECT_EQ(parse_mix(name_of(mix)), mix);
    EXPECT_FALSE(parse_mix("both"));
}

}  // namespace
}  // namespace chatflow::load
