// What clients of the gateway send, below any application: Engine.IO packets and payloads,
// Socket.IO packets, WebSocket frames. None may crash, and what was accepted holds what its type
// promises.
#include "workloads/socket/protocol/engine_packet.hpp"
#include "workloads/socket/protocol/handshake.hpp"
#include "workloads/socket/protocol/json_text.hpp"
#include "workloads/socket/protocol/socket_packet.hpp"
#include "workloads/socket/protocol/utf8.hpp"
#include "workloads/socket/protocol/websocket_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace chatflow::socket;

constexpr std::size_t kMessageMax = 4096;

void expect(bool holds) {
    if (!holds) std::abort();
}

void read_payload(std::string_view text) {
    const auto packets = parse_engine_payload(text);
    if (packets) expect(!packets->empty() && packets->size() <= kPayloadPacketsMax);
    (void)parse_engine_query(text);
}

void read_socket_packet(std::string_view text) {
    const auto packet = parse_socket_packet(text);
    if (!packet) return expect(!packet.error().empty());
    expect(packet->attachments <= kAttachmentsMax);
    for (const std::string_view argument : packet->arguments) expect(is_json(argument));
}

void read_frames(std::string_view text) {
    std::string bytes(text);
    std::span<char> input(bytes);
    WebSocketReader reader;
    for (;;) {
        const auto event = reader.next(input, kMessageMax);
        expect(event.size <= input.size());
        expect(event.payload.size() <= kMessageMax);
        if (event.kind == WebSocketEvent::Kind::Text) expect(is_utf8(event.payload));
        if (event.size == 0) return;
        input = input.subspan(event.size);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what libFuzzer passes
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read_payload(text);
    read_socket_packet(text);
    read_frames(text);
    return 0;
}
