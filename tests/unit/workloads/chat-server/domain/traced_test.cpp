#include "workloads/chat-server/domain/traced.hpp"

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

constexpr std::string_view kTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const std::string kMember = R"("traceparent":")" + std::string(kTrace) + '"';

TEST(WithTraceparent, IsTheFirstMemberOfTheData) {
    EXPECT_EQ(with_traceparent(R"({"userId":"u"})", kTrace), "{" + kMember + R"(,"userId":"u"})");
    EXPECT_EQ(with_traceparent("{}", kTrace), "{" + kMember + "}");
    EXPECT_EQ(with_traceparent("{ }", kTrace), "{" + kMember + " }");
}

TEST(WithTraceparent, IsInTheObjectOfAnEvent) {
    EXPECT_EQ(with_traceparent(R"(["message.created", {"messageId" : "m"}])", kTrace),
              R"(["message.created", {)" + kMember + R"(,"messageId" : "m"}])");
}

TEST(WithTraceparent, LeavesAloneWhatHasNoObjectOrNoTrace) {
    EXPECT_EQ(with_traceparent(R"({"a":1})", ""), R"({"a":1})");
    EXPECT_EQ(with_traceparent("[1]", kTrace), "[1]");
    EXPECT_EQ(with_traceparent("", kTrace), "");
}

}  // namespace
}  // namespace chatflow::chat
