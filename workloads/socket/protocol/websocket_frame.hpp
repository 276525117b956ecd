#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace chatflow::socket {

/// RFC 6455 §5.2.
enum class Opcode : std::uint8_t {
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA
};

/// Reasons to end a connection, RFC 6455 §7.4.1 and the registry.
enum class CloseCode : std::uint16_t {
    Normal = 1000,
    GoingAway = 1001,
    ProtocolError = 1002,
    NotUtf8 = 1007,
    TooBig = 1009,
    ServiceRestart = 1012,
    TryAgainLater = 1013,
    // Ours, of /ws: the client must not come back by itself …
    StayAway = 4001,
    // … and: it was too slow, and may.
    TooSlow = 4008,
};

/// What is at the front of the received bytes.
struct FrameView {
    enum class Status { Complete, Incomplete, Refused };

    Status status = Status::Incomplete;
    CloseCode refusal = CloseCode::ProtocolError;  // when refused
    Opcode opcode = Opcode::Text;
    bool is_final = true;
    bool is_compressed = false;     // RFC 7692's bit, on the first frame of a message
    std::string_view payload = {};  // unmasked, within the input
    std::size_t size = 0;           // bytes of the input that the frame takes
    std::size_t needed = 0;         // when incomplete: its whole size as far as it is known
};

/// Reads one frame of a client and unmasks its payload in place. Refused: unmasked frames, reserved
/// bits and opcodes, fragmented or long control frames, lengths in more bytes than they need, more
/// than `payload_max` bytes of payload. `may_be_compressed`: that was agreed upon.
[[nodiscard]] FrameView parse_frame(std::span<char> input, std::size_t payload_max,
                                    bool may_be_compressed = false);

/// Whether a client may send that code in a close frame.
[[nodiscard]] bool is_valid_close_code(unsigned code);

/// Appends the header of an unmasked, unfragmented frame.
void append_frame_header(std::string& out, Opcode opcode, std::size_t payload_size);

/// The payload of a close frame. `reason`, ASCII, is cut to what fits.
[[nodiscard]] std::string close_payload(CloseCode code, std::string_view reason);

/// What Sec-WebSocket-Accept answers to a Sec-WebSocket-Key.
[[nodiscard]] std::string websocket_accept(std::string_view key);

/// Whether it is base64 of 16 bytes.
[[nodiscard]] bool is_websocket_key(std::string_view key);

}  // namespace chatflow::socket
