#include "libs/events/catalog.hpp"

#include "libs/events/event_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::events {
namespace {

using testing::ElementsAre;

TEST(Pattern, StarStandsForAnyCharacters) {
    for (const auto& [pattern, type] :
         std::vector<std::pair<const char*, const char*>>{{"*", "a.b"},
                                                          {"message.*", "message.created"},
                                                          {"*.created", "message.created"},
                                                          {"*a*b", "xaab"},
                                                          {"room.member-*", "room.member-left"},
                                                          {"a.b", "a.b"}}) {
        EXPECT_TRUE(matches(pattern, type)) << pattern << " " << type;
    }
    for (const auto& [pattern, type] :
         std::vector<std::pair<const char*, const char*>>{{"", "a"},
                                                          {"message.*", "messages.created"},
                                                          {"*.created", "message.created.x"},
                                                          {"a.b", "a.bc"},
                                                          {"*x", "xy"}}) {
        EXPECT_FALSE(matches(pattern, type)) << pattern << " " << type;
    }
}

TEST(Catalog, KnowsWhichTopicsPatternsNeed) {
    const auto& catalog = platform_catalog();
    EXPECT_THAT(catalog.topics({"message.*", "user.banned"}), ElementsAre("message", "user"));
    EXPECT_THAT(catalog.topics({"nothing.*"}), ElementsAre());
}

TEST(Catalog, RefusesUnknownTypesAndVersions) {
    const auto& catalog = platform_catalog();
    EXPECT_EQ(catalog.check({.type = "message.sung"}),
              (FieldErrors{{"type", "is not known: message.sung"}}));
    EXPECT_EQ(catalog.check({.type = "user.online", .version = 9}),
              (FieldErrors{{"version", "of user.online is not known: 9"}}));
    EXPECT_TRUE(catalog.check({.type = "user.online", .data = R"({"userId":"7"})"}).empty());
}

TEST(Catalog, IsRefusedWithATypeTwiceOrWithoutTopic) {
    EXPECT_THROW(Catalog({{"a.b", 1, {}}, {"a.b", 1, {}}}), std::invalid_argument);
    EXPECT_THROW(Catalog({{"ab", 1, {}}}), std::invalid_argument);
    EXPECT_NO_THROW(Catalog({{"a.b", 1, {}}, {"a.b", 2, {}}}));
}

TEST(Failed, ComesBackFromItsJson) {
    const Failed failed{{.id = "1-2",
                         .type = "user.online",
                         .version = 2,
                         .time = TimePoint(std::chrono::microseconds(1'763'712'000'000'001)),
                         .source = "socket",
                         .trace = "00-1-2-01",
                         .data = R"({"userId":"\"7"})"},
                        3,
                        "no"};
    EXPECT_EQ(parse_failed(to_json(failed)), failed);
    EXPECT_EQ(parse_failed("{}"), std::nullopt);
    EXPECT_EQ(parse_failed("["), std::nullopt);
}

}  // namespace
}  // namespace chatflow::events
