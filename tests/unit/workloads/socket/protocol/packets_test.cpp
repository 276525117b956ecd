#include "workloads/socket/protocol/engine_packet.hpp"
#include "workloads/socket/protocol/handshake.hpp"
#include "workloads/socket/protocol/json_text.hpp"
#include "workloads/socket/protocol/socket_packet.hpp"

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

TEST(EnginePayload, ReadsTextAndBinaryPackets) {
    const auto packets = parse_engine_payload(
        "4test1\x1e"
        "bAQIDBA==\x1e"
        "3");
    ASSERT_TRUE(packets);
    ASSERT_EQ(packets->size(), 3U);
    EXPECT_EQ((*packets)[0], (EnginePacket{EngineType::Message, false, "test1"}));
    EXPECT_EQ((*packets)[1], (EnginePacket{EngineType::Message, true, "\x01\x02\x03\x04"}));
    EXPECT_EQ((*packets)[2], (EnginePacket{EngineType::Pong, false, ""}));
}

TEST(EnginePayload, RefusesWhatItCannotRead) {
    for (const char* body : {"", "abc", "4a\x1e", "b!!!", "7", "4\xFF"}) {
        EXPECT_FALSE(parse_engine_payload(body)) << body;
    }
}

TEST(EnginePayload, WritesWhatItReads) {
    std::string payload;
    append_to_payload(payload, false, "4hello");
    append_to_payload(payload, true, "\x01\x02");
    EXPECT_EQ(payload,
              "4hello\x1e"
              "bAQI=");
}

TEST(EngineQuery, ChecksInTheOrderOfTheProtocolsReference) {
    EXPECT_EQ(parse_engine_query("EIO=4&transport=polling"),
              (EngineRequest{Transport::Polling, ""}));
    EXPECT_EQ(parse_engine_query("t=x&EIO=4&transport=websocket&sid=a.b"),
              (EngineRequest{Transport::WebSocket, "a.b"}));
    EXPECT_EQ(parse_engine_query("EIO=4").error(), EngineError::UnknownTransport);
    EXPECT_EQ(parse_engine_query("EIO=3&transport=polling").error(),
              EngineError::UnsupportedVersion);
    EXPECT_EQ(parse_engine_query("transport=polling").error(), EngineError::UnsupportedVersion);
}

TEST(SocketPacket, ReadsEveryPart) {
    const auto packet = parse_socket_packet(R"(51-/admin,12["x",{"_placeholder":true,"num":0}])");
    ASSERT_TRUE(packet) << packet.error();
    EXPECT_EQ(packet->type, SocketType::BinaryEvent);
    EXPECT_EQ(packet->name_space, "/admin");
    EXPECT_EQ(packet->ack_id, 12U);
    EXPECT_EQ(packet->attachments, 1U);
    EXPECT_EQ(packet->arguments.size(), 2U);
}

TEST(SocketPacket, RefusesMalformedOnes) {
    for (const char* text :
         {"", "9", "2", "2{}", "2[]", "2[{}]", R"(2["connect"])", R"(2["a")", "3[]", "1x", "0[]",
          R"(4{"message":"x"})", R"(5["a"])", R"(511-["a"])", R"(0/a,"x")",
          R"(51-["a",{"_placeholder":true,"num":1}])", R"(299999999999999999999["a"])"}) {
        EXPECT_FALSE(parse_socket_packet(text)) << text;
    }
}

TEST(SocketPacket, IsWrittenAsClientsReadIt) {
    EXPECT_EQ(socket_packet_text(SocketType::Event, {}, R"(["a"])"), R"(42["a"])");
    EXPECT_EQ(socket_packet_text(SocketType::Ack, {.name_space = "/n", .ack_id = 7}, "[1]"),
              "43/n,7[1]");
    EXPECT_EQ(socket_packet_text(SocketType::Ack, {.ack_id = 7, .attachments = 1}, "[]"),
              "461-7[]");
}

TEST(JsonText, KnowsJsonFromWhatLooksLikeIt) {
    for (const char* text : {"1", "-0.5e+3", R"("\u00e9\n")", "[]", "[1, [2] ,{}]",
                             R"({"a":null,"b":[true,false]})"}) {
        EXPECT_TRUE(is_json(text)) << text;
    }
    for (const char* text : {"", "01", "1.", "-", R"("\x")", "[1,]", "[,1]", R"({"a"})", R"({a:1})",
                             "nul", "1 2", "\"\n\"", R"("\u12g4")"}) {
        EXPECT_FALSE(is_json(text)) << text;
    }
    EXPECT_FALSE(is_json(std::string(100, '[') + std::string(100, ']')));
}

TEST(JsonText, SplitsAnArrayAsItIsSpelled) {
    const auto elements = split_json_array(R"( ["a", {"b":[1]} ,2] )");
    ASSERT_TRUE(elements);
    EXPECT_EQ(*elements, (std::vector<std::string_view>{R"("a")", R"({"b":[1]})", "2"}));
}

}  // namespace
}  // namespace chatflow::socket
