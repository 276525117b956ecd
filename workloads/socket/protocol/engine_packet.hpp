#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::socket {

/// Packets of Engine.IO v4; each is one digit on the wire.
enum class EngineType : char {
    Open = '0',
    Close = '1',
    Ping = '2',
    Pong = '3',
    Message = '4',
    Upgrade = '5',
    Noop = '6'
};

/// A packet as it was received.
struct EnginePacket {
    EngineType type = EngineType::Message;
    bool is_binary = false;  // only messages are
    std::string data;

    bool operator==(const EnginePacket&) const = default;
};

/// A packet in a WebSocket text frame, without copying its data.
struct EnginePacketView {
    EngineType type;
    std::string_view data;
};

[[nodiscard]] std::optional<EnginePacketView> parse_engine_packet(std::string_view text);

/// More packets than this in one POST are refused; the body's size is bounded by maxPayload.
inline constexpr std::size_t kPayloadPacketsMax = 10'000;

/// Separates the packets of a polling body.
inline constexpr char kPacketSeparator = '\x1e';

/// The packets of a POST body, binary ones decoded from "b" and base64. Nothing when one of them
/// cannot be read: the session is closed then, so the others do not matter.
[[nodiscard]] std::optional<std::vector<EnginePacket>> parse_engine_payload(std::string_view body);

/// Adds a packet to a polling response. `bytes` is the packet's text ("4hello") or, for a binary
/// message, its data.
void append_to_payload(std::string& payload, bool is_binary, std::string_view bytes);

}  // namespace chatflow::socket
