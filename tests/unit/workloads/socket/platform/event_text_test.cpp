#include "workloads/socket/platform/event_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

using testing::HasSubstr;

TEST(JoinRequest, TakesATextOrAnObject) {
    EXPECT_EQ(parse_join(R"(["r"])")->room, "r");
    EXPECT_EQ(parse_join(R"([{"roomId":"r"}])")->room, "r");
    EXPECT_EQ(parse_join(R"([{"roomId":7}])")->room, "7");
    EXPECT_EQ(parse_join(R"([{"roomId":"r","afterSeq":3}])")->after_seq, 3U);
    EXPECT_EQ(parse_join(R"(["r"])")->after_seq, std::nullopt);
}

TEST(JoinRequest, OfAnotherFormIsRefused) {
    for (const auto* arguments : {"", "[]", "{}", "[null]", R"([""])", R"([{"roomId":"a\nb"}])",
                                  R"([{"roomId":"r","afterSeq":-1}])", R"([{"roomId":"r")"}) {
        EXPECT_FALSE(parse_join(arguments)) << arguments;
    }
    EXPECT_FALSE(parse_join("[\"" + std::string(kEventBytesMax, 'x') + "\"]"));
}

TEST(Receipt, IsToldWithItsReaderWhateverTheClientSays) {
    const auto request =
        parse_receipt("message.delivered", R"([{"roomId":"r","seq":4,"userId":"boss"}])", "ann", 7);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->room, "r");
    EXPECT_EQ(request->event,
              R"(["message.delivered",{"roomId":"r","seq":4,"timestamp":7,"userId":"ann"}])");
}

TEST(Receipt, WithoutASequenceThatCanBeIsRefused) {
    for (const auto* seq : {"-1", "1.5", "\"1\"", "null", "9007199254740993"}) {
        const auto arguments = std::string(R"([{"roomId":"r","seq":)") + seq + "}]";
        EXPECT_FALSE(parse_receipt("message.read", arguments, "ann", 7)) << arguments;
    }
    EXPECT_FALSE(parse_receipt("message.read", R"([{"roomId":"r"}])", "ann", 7));
}

TEST(Message, IsToldWithItsSenderWhateverTheClientSays) {
    const auto request = parse_message(
        R"([{"roomId":"r","body":"hi","senderId":"boss","timestamp":1,"messageId":"x"}])", "ann",
        7);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->event, R"(["message.created",{"body":"hi","messageId":")" +
                                  request->message_id +
                                  R"(","roomId":"r","senderId":"ann","timestamp":7}])");
    EXPECT_EQ(request->message_id.size(), 36U);
    EXPECT_EQ(request->once, "");
}

TEST(Message, ThatIsSentAgainHasTheSameId) {
    const auto* const text = R"([{"roomId":"r","clientMessageId":"1"}])";
    const auto first = parse_message(text, "ann", 7);
    EXPECT_EQ(first->once, "ann:1");
    EXPECT_EQ(parse_message(text, "ann", 8)->message_id, first->message_id);
    EXPECT_NE(parse_message(text, "ben", 7)->message_id, first->message_id);
    EXPECT_NE(parse_message(R"([{"roomId":"r"}])", "ann", 7)->message_id,
              parse_message(R"([{"roomId":"r"}])", "ann", 7)->message_id);
}

TEST(Publish, RefusesNamesThatOnlyServersTell) {
    EXPECT_EQ(parse_publish(R"([{"roomId":"r","event":"cursor","data":[1]}])", "ann")->event,
              R"(["cursor",[1]])");
    EXPECT_EQ(parse_publish(R"([{"roomId":"r","event":"ping"}])", "ann")->event, R"(["ping"])");
    for (const auto* name : {"", "connect", "disconnect", "message.created", "user-online"}) {
        EXPECT_FALSE(
            parse_publish(R"([{"roomId":"r","event":")" + std::string(name) + R"("}])", "ann"))
            << name;
    }
}

TEST(Offset, BecomesTheLastArgument) {
    EXPECT_EQ(with_offset(R"(["a",{"b":[1]}])", "z1"), R"(["a",{"b":[1]},"z1"])");
    EXPECT_EQ(with_offset(R"(["a"])", "z1"), R"(["a","z1"])");
}

TEST(Answers, SayWhetherToTryAgain) {
    EXPECT_EQ(refusal_answer("no", false), R"({"error":"no","ok":false,"retry":false})");
    EXPECT_THAT(published_answer("m", 3, true), HasSubstr(R"("repeated":true)"));
    EXPECT_EQ(online_answer({"a", "b"}, {true, false}),
              R"({"ok":true,"online":{"a":true,"b":false}})");
}

TEST(UserEvent, IsTakenFromTheChannelOrLeft) {
    EXPECT_EQ(user_event(R"({"event":"user-online","userId":"7"})"),
              R"(["user-online",{"userId":"7"}])");
    EXPECT_EQ(user_event("nonsense"), "");
    EXPECT_EQ(user_event(R"({"event":"user-online"})"), "");
}

TEST(ControlMessage, IsReadOrNothing) {
    EXPECT_EQ(parse_control(R"({"type":"ban","userId":"7"})")->user, "7");
    EXPECT_EQ(parse_control(taken_message("s"))->socket, "s");
    EXPECT_FALSE(parse_control("[]"));
}

}  // namespace
}  // namespace chatflow::socket
