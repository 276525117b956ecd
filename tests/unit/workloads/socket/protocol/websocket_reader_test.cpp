#include "workloads/socket/protocol/websocket_reader.hpp"

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

using Kind = WebSocketEvent::Kind;

std::string client_frame(unsigned first, std::string_view payload) {
    const std::string mask = "\x11\x22\x33\x44";
    std::string frame(1, static_cast<char>(first));
    if (payload.size() < 126) {
        frame += static_cast<char>(0x80U | payload.size());
    } else {
        frame += static_cast<char>(0x80U | 126U);
        frame += static_cast<char>(payload.size() >> 8U);
        frame += static_cast<char>(payload.size() & 0xFFU);
    }
    frame += mask;
    for (std::size_t i = 0; i < payload.size(); ++i) {
        frame += static_cast<char>(payload[i] ^ mask[i % 4]);
    }
    return frame;
}

WebSocketEvent first_event(WebSocketReader& reader, std::string& input, std::size_t max = 1000) {
    return reader.next(input, max);
}

TEST(WebSocketReader, ReadsAMessageOfOneFrame) {
    WebSocketReader reader;
    std::string input = client_frame(0x81, "hello, world");
    const auto event = first_event(reader, input);
    EXPECT_EQ(event.kind, Kind::Text);
    EXPECT_EQ(event.payload, "hello, world");
    EXPECT_EQ(event.size, input.size());
}

TEST(WebSocketReader, WaitsForTheRestAndLeavesTheInputAsItWas) {
    WebSocketReader reader;
    const std::string whole = client_frame(0x81, std::string(300, 'x'));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        std::string part = whole.substr(0, size);
        const auto event = first_event(reader, part);
        EXPECT_EQ(event.kind, Kind::NeedMore);
        EXPECT_EQ(event.size, 0U);
        EXPECT_EQ(part, whole.substr(0, size));
    }
}

TEST(WebSocketReader, JoinsFragmentsWithAPingInBetween) {
    WebSocketReader reader;
    std::string first = client_frame(0x01, "he");
    std::string ping = client_frame(0x89, "p");
    std::string last = client_frame(0x80, "llo");
    EXPECT_EQ(first_event(reader, first).size, first.size());
    EXPECT_EQ(first_event(reader, ping).kind, Kind::Ping);
    const auto event = first_event(reader, last);
    EXPECT_EQ(event.kind, Kind::Text);
    EXPECT_EQ(event.payload, "hello");
    std::string next = client_frame(0x82, "b");
    EXPECT_EQ(first_event(reader, next).kind, Kind::Binary);
}

struct Refusal {
    const char* what;
    std::string input;
    CloseCode code;
};

TEST(WebSocketReader, RefusesWhatTheProtocolForbids) {
    std::string unmasked = client_frame(0x81, "");
    unmasked[1] = '\0';
    std::string long_ping = client_frame(0x89, std::string(126, 'p'));
    std::string long_form = client_frame(0x81, std::string(126, 'p'));
    long_form[3] = 5;  // five bytes, in the form for more than 125
    const std::vector<Refusal> refusals = {
        {"unmasked", unmasked, CloseCode::ProtocolError},
        {"reserved bit", client_frame(0xC1, "a"), CloseCode::ProtocolError},
        {"reserved opcode", client_frame(0x83, "a"), CloseCode::ProtocolError},
        {"fragmented ping", client_frame(0x09, "a"), CloseCode::ProtocolError},
        {"long ping", long_ping, CloseCode::ProtocolError},
        {"length in a longer form", long_form, CloseCode::ProtocolError},
        {"continuation of nothing", client_frame(0x80, "a"), CloseCode::ProtocolError},
        {"not UTF-8", client_frame(0x81, "\xC3\x28"), CloseCode::NotUtf8},
        {"too big", client_frame(0x81, std::string(1001, 'x')), CloseCode::TooBig},
        {"close of one byte", client_frame(0x88, "a"), CloseCode::ProtocolError},
        {"close with a code of nobody", client_frame(0x88, "\x03\xED"), CloseCode::ProtocolError},
    };
    for (const Refusal& refusal : refusals) {
        WebSocketReader reader;
        std::string input = refusal.input;
        const auto event = first_event(reader, input);
        EXPECT_EQ(event.kind, Kind::Refused) << refusal.what;
        EXPECT_EQ(event.code, refusal.code) << refusal.what;
    }
}

TEST(WebSocketReader, CountsFragmentsTowardsTheBound) {
    WebSocketReader reader;
    std::string first = client_frame(0x01, std::string(600, 'x'));
    std::string second = client_frame(0x00, std::string(401, 'x'));
    EXPECT_EQ(first_event(reader, first).kind, Kind::NeedMore);
    EXPECT_EQ(first_event(reader, second).code, CloseCode::TooBig);
}

TEST(WebSocketReader, ReadsTheCodeAndReasonOfAClose) {
    WebSocketReader reader;
    std::string input = client_frame(0x88, std::string("\x03\xE9") + "bye");
    const auto event = first_event(reader, input);
    EXPECT_EQ(event.kind, Kind::Close);
    EXPECT_EQ(event.code, CloseCode::GoingAway);
    EXPECT_EQ(event.payload, "bye");
}

TEST(WebSocketFrame, AnswersTheKeyOfTheRfc) {
    EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_TRUE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
    EXPECT_FALSE(is_websocket_key("dGhlIHNhbXBsZSBub25j"));
}

}  // namespace
}  // namespace chatflow::socket
