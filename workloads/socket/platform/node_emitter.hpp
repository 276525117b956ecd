#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::socket {

/// A broadcast that a Node back end tells Socket.IO gateways.
struct NodeBroadcast {
    std::vector<std::string> rooms;   // empty: everybody
    std::vector<std::string> except;  // rooms or sockets
    std::string event;                // a JSON array
    bool is_volatile = false;

    bool operator==(const NodeBroadcast&) const = default;
};

/// Of @socket.io/redis-emitter and the classic adapter: MessagePack [uid, packet, options] on
/// socket.io#<namespace>#. Nothing for other packets than events of the main namespace, and for
/// events with binary arguments.
[[nodiscard]] std::optional<NodeBroadcast> parse_classic(std::string_view payload);

/// Of the sharded adapter: JSON or MessagePack {uid, nsp, type: 3, data: {packet, opts}}.
[[nodiscard]] std::optional<NodeBroadcast> parse_sharded(std::string_view payload);

}  // namespace chatflow::socket
