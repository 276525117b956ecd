#include "workloads/socket/protocol/deflate.hpp"

#include "workloads/socket/protocol/websocket_reader.hpp"

#include <string>

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

constexpr std::string_view kKept =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

TEST(AcceptDeflate, TakesTheFirstOfferThatItCanKeep) {
    EXPECT_EQ(accept_deflate("permessage-deflate"), kKept);
    // Browsers and npm's ws.
    EXPECT_EQ(accept_deflate("permessage-deflate; client_max_window_bits"), kKept);
    // Python's websockets.
    EXPECT_EQ(
        accept_deflate("permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"),
        std::string(kKept) + "; server_max_window_bits=12");
    EXPECT_EQ(accept_deflate("x-other, permessage-deflate;server_max_window_bits=9 ,"
                             "permessage-deflate ; server_max_window_bits=\"15\""),
              std::string(kKept) + "; server_max_window_bits=12");
}

TEST(AcceptDeflate, DeclinesWhatItDoesNotUnderstand) {
    for (const auto* offers :
         {"", "deflate", "permessage-deflate; x", "permessage-deflate; server_max_window_bits",
          "permessage-deflate; server_max_window_bits=16",
          "permessage-deflate; server_max_window_bits=7",
          "permessage-deflate; server_max_window_bits=08",
          "permessage-deflate; server_max_window_bits=9",
          "permessage-deflate; client_max_window_bits=x",
          "permessage-deflate; server_no_context_takeover=1",
          "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
          "permessage-deflate; client_max_window_bits; client_max_window_bits"}) {
        EXPECT_EQ(accept_deflate(offers), std::nullopt) << offers;
    }
}

TEST(Inflater, ReadsWhatTheStandardShows) {
    Inflater inflater;
    const std::string hello = "\xf2\x48\xcd\xc9\xc9\x07" + std::string(1, '\0');
    EXPECT_EQ(inflater.inflate(hello, 100), "Hello");
    const std::string stored = std::string("\x00\x05\x00\xfa\xffHello\x00", 11);
    EXPECT_EQ(inflater.inflate(stored, 100), "Hello");
    const std::string with_final_block = "\xf3\x48\xcd\xc9\xc9\x07" + std::string(2, '\0');
    EXPECT_EQ(inflater.inflate(with_final_block, 100), "Hello");
    EXPECT_EQ(inflater.inflate(hello, 5), "Hello");
    EXPECT_EQ(inflater.inflate(hello, 4).error(), CloseCode::TooBig);
    EXPECT_EQ(inflater.inflate(std::string(1, '\0'), 100), "");
}

TEST(Inflater, StopsABombAtTheBound) {
    Inflater inflater;
    Deflater deflater;
    const std::string zeros(10'000'000, '0');
    const std::string bomb(*deflater.deflate(zeros));
    EXPECT_LT(bomb.size(), 100'000U);
    EXPECT_EQ(inflater.inflate(bomb, 1'000'000).error(), CloseCode::TooBig);
    EXPECT_EQ(inflater.inflate(bomb, zeros.size() - 1).error(), CloseCode::TooBig);
    EXPECT_EQ(inflater.inflate(bomb, zeros.size()), zeros);
}

TEST(Inflater, RefusesWhatIsNoDeflateDataAndGoesOn) {
    Inflater inflater;
    EXPECT_EQ(inflater.inflate("\xff\xff\xff", 100).error(), CloseCode::NotUtf8);
    EXPECT_EQ(inflater.inflate("\xf2\x48\xcd\xc9\xc9\x07" + std::string(1, '\0'), 100), "Hello");
}

TEST(Deflater, IsUndoneByTheInflaterEachMessageAlone) {
    Deflater deflater;
    Inflater inflater;
    for (const std::size_t size : {100U, 4095U, 4096U, 4097U, 100'000U}) {
        std::string message;
        for (std::size_t i = 0; message.size() < size; ++i) message += std::to_string(i * i);
        const auto payload = deflater.deflate(message);
        ASSERT_TRUE(payload) << size;
        EXPECT_LT(payload->size(), message.size());
        EXPECT_EQ(inflater.inflate(*payload, message.size()), message);
    }
}

TEST(Deflater, LeavesWhatItCannotMakeSmaller) {
    Deflater deflater;
    std::string noise;
    std::uint32_t state = 1;
    for (int i = 0; i < 2000; ++i) {
        state = state * 1'664'525U + 1'013'904'223U;
        noise += static_cast<char>(state >> 24U);
    }
    EXPECT_EQ(deflater.deflate(noise), std::nullopt);
    EXPECT_EQ(deflater.deflate(""), std::nullopt);
}

std::string client_frame(unsigned first, std::string_view payload) {
    std::string frame = {static_cast<char>(first), static_cast<char>(0x80U | payload.size())};
    return frame.append(4, '\0').append(payload);  // a mask of zeros
}

TEST(WebSocketReader, JoinsAndUnpacksCompressedFrames) {
    Inflater inflater;
    WebSocketReader reader;
    std::string first = client_frame(0x41, "\xf2\x48\xcd");
    std::string last = client_frame(0x80, "\xc9\xc9\x07" + std::string(1, '\0'));
    EXPECT_EQ(reader.next(first, 100, &inflater).kind, WebSocketEvent::Kind::NeedMore);
    const auto event = reader.next(last, 100, &inflater);
    EXPECT_EQ(event.kind, WebSocketEvent::Kind::Text);
    EXPECT_EQ(event.payload, "Hello");
    std::string plain = client_frame(0x81, "hi");
    EXPECT_EQ(reader.next(plain, 100, &inflater).payload, "hi");
}

TEST(WebSocketReader, RefusesTheCompressedBitWhereItHasNoPlace) {
    Inflater inflater;
    for (const unsigned first : {0xc0U, 0xc8U, 0xc9U, 0xa1U}) {
        WebSocketReader reader;
        std::string frame = client_frame(first, "");
        EXPECT_EQ(reader.next(frame, 100, &inflater).kind, WebSocketEvent::Kind::Refused) << first;
    }
    WebSocketReader reader;
    std::string frame = client_frame(0xc1, std::string(1, '\0'));
    EXPECT_EQ(reader.next(frame, 100).kind, WebSocketEvent::Kind::Refused) << "not agreed upon";
}

TEST(WebSocketReader, RefusesTextThatUnpacksToOtherThanUtf8) {
    Inflater inflater;
    WebSocketReader reader;
    std::string frame = client_frame(0xc1, std::string("\x00\x01\x00\xfe\xff\xff\x00", 7));
    const auto event = reader.next(frame, 100, &inflater);
    EXPECT_EQ(event.kind, WebSocketEvent::Kind::Refused);
    EXPECT_EQ(event.code, CloseCode::NotUtf8);
}

}  // namespace
}  // namespace chatflow::socket
