#include "workloads/chat-server/domain/parse_body.hpp"

#include "workloads/chat-server/domain/limits.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

std::string message_with(const std::string& field, const std::string& json) {
    const std::string sender = field == "sender" ? json : R"("ann")";
    const std::string body = field == "body" ? json : R"("hello")";
    const std::string other = field == "client_msg_id" ? R"(,"client_msg_id":)" + json : "";
    return R"({"sender":)" + sender + R"(,"body":)" + body + other + "}";
}

TEST(ParseNewMessage, TakesEveryField) {
    const auto message =
        parse_new_message(R"({"sender":"ann@a.b","body":"hi \u00e4 😀","client_msg_id":"m:1"})");
    ASSERT_TRUE(message);
    EXPECT_EQ(*message,
              (NewMessage{.sender = "ann@a.b", .body = "hi ä 😀", .client_msg_id = "m:1"}));
}

TEST(ParseNewMessage, TakesNullForAnOptionalFieldThatIsNotGiven) {
    ASSERT_TRUE(parse_new_message(message_with("client_msg_id", "null")));
}

struct Valid {
    std::string field;
    std::string json;
};

class ValidMessage : public testing::TestWithParam<Valid> {};

TEST_P(ValidMessage, IsTaken) {
    const auto message = parse_new_message(message_with(GetParam().field, GetParam().json));
    EXPECT_TRUE(message) << to_string(message.error());
}

INSTANTIATE_TEST_SUITE_P(
    Bounds, ValidMessage,
    testing::Values(Valid{"body", quoted(repeated("😀", kMessageBodyMax))},
                    Valid{"body", quoted("a")}, Valid{"body", quoted(repeated("[", 100))},
                    Valid{"body", R"("a \" {{{{{{{{{{{{{{{{{{{{ \\")"},
                    Valid{"sender", quoted(repeated("s", kSenderMax))},
                    Valid{"client_msg_id", quoted(repeated("m", kClientMessageIdMax))}));

struct Invalid {
    std::string body;
    std::string path;
    std::string says;
};

class InvalidMessage : public testing::TestWithParam<Invalid> {};

TEST_P(InvalidMessage, IsRefusedNamingTheFieldAndWhatIsAllowed) {
    const auto message = parse_new_message(GetParam().body);
    ASSERT_FALSE(message);
    ASSERT_EQ(message.error().size(), 1U) << to_string(message.error());
    EXPECT_EQ(message.error().front().path, GetParam().path);
    EXPECT_TRUE(message.error().front().message.contains(GetParam().says))
        << message.error().front().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, InvalidMessage,
    testing::Values(
        Invalid{"", "", "must be JSON"}, Invalid{"{", "", "must be JSON"},
        Invalid{"null", "", "must be a JSON object"}, Invalid{"[]", "", "must be a JSON object"},
        Invalid{"{\"sender\":\"a\",\"body\":\"\xc3\"}", "", "UTF-8"},
        Invalid{"{\"sender\":\"a\",\"body\":" + repeated("[", 50'000), "", "must be JSON"},
        Invalid{repeated("{\"a\":", 17) + "1" + repeated("}", 17), "", "must be JSON"},
        Invalid{R"({"body":"b"})", "sender", "is required"},
        Invalid{R"({"sender":"a"})", "body", "is required"},
        Invalid{R"({"sender":"a","body":"b","rooom":1})", "rooom", "is not a field"},
        Invalid{message_with("body", "7"), "body", "must be a string, not number"},
        Invalid{message_with("body", quoted("")), "body", "must have 1 to 4000 characters, not 0"},
        Invalid{message_with("body", quoted(repeated("é", kMessageBodyMax + 1))), "body", "4001"},
        Invalid{message_with("body", R"("a\u0000b")"), "body", "U+0000"},
        Invalid{message_with("sender", quoted("two words")), "sender", "letters, digits"},
        Invalid{message_with("sender", quoted(repeated("s", kSenderMax + 1))), "sender", "65"},
        Invalid{message_with("client_msg_id", quoted("")), "client_msg_id", "1 to 64"},
        Invalid{message_with("client_msg_id", quoted("a b")), "client_msg_id", "letters"}));

TEST(ParseNewMessage, FindsAllErrorsAtOnce) {
    const auto message = parse_new_message(R"({"sender":1,"client_msg_id":"","x":1})");
    ASSERT_FALSE(message);
    std::vector<std::string> paths;
    for (const FieldError& error : message.error()) paths.push_back(error.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"sender", "body", "client_msg_id", "x"}));
}

TEST(ParseNewMessage, BoundsTheErrorsOfABodyOfUnknownFields) {
    std::string body = "{";
    for (int i = 0; i < 1000; ++i) body += quoted("f" + std::to_string(i)) + ":1,";
    body.back() = '}';
    EXPECT_LT(parse_new_message(body).error().size(), 30U);
}

TEST(ParseNewRoom, TakesANameAndATopic) {
    EXPECT_EQ(parse_new_room(R"({"name":"n"})"), (NewRoom{.name = "n", .topic = ""}));
    EXPECT_EQ(parse_new_room(R"({"name":"n","topic":"t"})"), (NewRoom{.name = "n", .topic = "t"}));
    EXPECT_FALSE(parse_new_room(R"({"topic":"t"})"));
    EXPECT_FALSE(parse_new_room(R"({"name":)" + quoted(repeated("n", kRoomNameMax + 1)) + "}"));
}

TEST(ParseRoomChange, LeavesWhatIsNotThereAndNeedsOne) {
    EXPECT_EQ(parse_room_change(R"({"topic":""})"),
              (RoomChange{.name = std::nullopt, .topic = ""}));
    EXPECT_EQ(parse_room_change("{}").error().front().message, "must contain name or topic");
    EXPECT_FALSE(parse_room_change(R"({"name":""})"));
}

}  // namespace
}  // namespace chatflow::chat
