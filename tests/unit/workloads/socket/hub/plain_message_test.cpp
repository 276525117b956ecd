#include "workloads/socket/hub/plain_message.hpp"

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

TEST(PlainMessage, ReadsWhatClientsSend) {
    const auto connect = parse_plain_message(R"({"connect":{"token":"t"}})");
    ASSERT_TRUE(connect);
    EXPECT_EQ(connect->kind, PlainMessage::Kind::Connect);
    EXPECT_EQ(connect->data, R"({"token":"t"})");
    const auto event = parse_plain_message(R"({"event":["say",1],"id":7})");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->id, 7U);
    EXPECT_EQ(event->data, R"(["say",1])");
    const auto answer = parse_plain_message(R"({"ack":3,"data":[]})");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->kind, PlainMessage::Kind::Ack);
}

TEST(PlainMessage, RefusesTheRest) {
    for (const char* text : {"", "[]", "{}", R"({"connect":1})", R"({"event":[]})",
                             R"({"event":[1]})", R"({"ack":-1,"data":[]})", R"({"ack":1})"}) {
        EXPECT_FALSE(parse_plain_message(text)) << text;
    }
}

TEST(PlainMessage, IsWrittenAsClientsReadIt) {
    EXPECT_EQ(plain_event(R"(["a",1])"), R"({"event":["a",1]})");
    EXPECT_EQ(plain_event(R"(["a"])", 4), R"({"event":["a"],"id":4})");
    EXPECT_EQ(plain_answer(7, "[1]"), R"({"ack":7,"data":[1]})");
}

}  // namespace
}  // namespace chatflow::socket
