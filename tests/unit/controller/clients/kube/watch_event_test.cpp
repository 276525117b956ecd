#include "controller/clients/kube/api_error.hpp"
#include "controller/clients/kube/watch_stream.hpp"

#include <gtest/gtest.h>

namespace chatflow::kube {
namespace {

using Type = WatchEvent::Type;

TEST(ParseWatchEvent, KnowsEveryType) {
    EXPECT_EQ(parse_watch_event(R"({"type":"ADDED","object":{}})").type, Type::Added);
    EXPECT_EQ(parse_watch_event(R"({"type":"MODIFIED","object":{}})").type, Type::Modified);
    EXPECT_EQ(parse_watch_event(R"({"type":"DELETED","object":{}})").type, Type::Deleted);
    EXPECT_EQ(parse_watch_event(R"({"type":"BOOKMARK","object":{}})").type, Type::Bookmark);
}

TEST(ParseWatchEvent, ThrowsWhatAnErrorEventSays) {
    try {
        (void)parse_watch_event(
            R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}})");
        FAIL() << "an error was taken for an event";
    } catch (const ApiError& error) {
        EXPECT_TRUE(error.is_gone());
        EXPECT_EQ(error.reason(), "Expired");
    }
}

TEST(ParseWatchEvent, RefusesWhatIsNoEvent) {
    for (const char* line :
         {"", "{", "[]", "{}", R"({"type":"ADDED"})", R"({"type":"ADDED","object":7})",
          R"({"type":"OTHER","object":{}})", R"({"type":7,"object":{}})",
          R"({"type":"ADDED","object":{"metadata":{"name":"half)"}) {
        EXPECT_THROW((void)parse_watch_event(line), clients::TransportError) << line;
    }
}

TEST(EndsInitialEvents, IsOnlyTheBookmarkThatSaysSo) {
    const char* end = R"({"metadata":{"resourceVersion":"7","annotations":
                          {"k8s.io/initial-events-end":"true"}}})";
    const auto object = nlohmann::json::parse(end);
    EXPECT_TRUE(ends_initial_events({Type::Bookmark, object}));
    EXPECT_FALSE(ends_initial_events({Type::Added, object}));
    EXPECT_FALSE(ends_initial_events({Type::Bookmark, {{"metadata", {{"resourceVersion", "7"}}}}}));
    EXPECT_FALSE(ends_initial_events({Type::Bookmark, nlohmann::json::object()}));
    EXPECT_EQ(resource_version_of(object), "7");
    EXPECT_EQ(resource_version_of({{"metadata", {{"resourceVersion", 7}}}}), "");
    EXPECT_EQ(resource_version_of(nullptr), "");
}

}  // namespace
}  // namespace chatflow::kube
