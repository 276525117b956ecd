#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::socket {

/// Packets of Socket.IO v5; each is one digit on the wire.
enum class SocketType : char {
    Connect = '0',
    Disconnect = '1',
    Event = '2',
    Ack = '3',
    ConnectError = '4',
    BinaryEvent = '5',
    BinaryAck = '6'
};

/// More binary attachments, or a longer name of a namespace, are refused.
inline constexpr std::size_t kAttachmentsMax = 10;
inline constexpr std::size_t kNamespaceBytesMax = 128;

/// A packet of a client; views into the received text.
struct SocketPacket {
    SocketType type = SocketType::Connect;
    std::string_view name_space = "/";
    std::optional<std::uint64_t> ack_id;
    std::size_t attachments = 0;              // binary messages that follow
    std::string_view data;                    // of Connect: a JSON object, or empty
    std::vector<std::string_view> arguments;  // of events and acks: JSON values; [0] names an event

    bool operator==(const SocketPacket&) const = default;
};

/// Reads the text of an engine message. Refused: what only servers send (ConnectError), a wrong
/// shape of the data, reserved event names, a placeholder without attachment. The error, a
/// literal, says what is wrong; the connection has to be closed then.
[[nodiscard]] std::expected<SocketPacket, std::string_view> parse_socket_packet(
    std::string_view text);

/// Where a packet of ours goes.
struct SocketAddress {
    std::string_view name_space = "/";
    std::optional<std::uint64_t> ack_id = {};
    std::size_t attachments = 0;
};

/// The text of a packet as an engine message, its leading "4" included. `type` is Event or Ack;
/// with attachments it becomes the binary form.
[[nodiscard]] std::string socket_packet_text(SocketType type, const SocketAddress& to,
                                             std::string_view data);

}  // namespace chatflow::socket
