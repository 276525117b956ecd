#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::rooms {

/// Names a message among all rooms of a shard and orders them: microseconds since 1970 by Redis'
/// clock, one more than the last where that is later. 0: before the first.
using MessageId = std::uint64_t;

/// One event told to a room.
struct RoomMessage {
    MessageId id = 0;        // 0: ephemeral; it is in no log and may be lost
    MessageId previous = 0;  // the room's last before this one: how a gap is noticed
    std::uint64_t seq = 0;   // 1, 2, 3… within the room
    std::string except;      // a connection that does not get it; empty: none
    std::string event;       // a JSON array: ["message.created",{…}]

    [[nodiscard]] bool is_ephemeral() const { return id == 0; }

    bool operator==(const RoomMessage&) const = default;
};

/// How a message travels on its room's channel: "m ID PREVIOUS SEQ EXCEPT\nEVENT", or for an
/// ephemeral one "e EXCEPT\nEVENT"; EXCEPT is "-" for nobody.
[[nodiscard]] std::optional<RoomMessage> parse_notice(std::string_view text);
[[nodiscard]] std::string ephemeral_notice(std::string_view except, std::string_view event);

/// Longer names, and names with control characters, are refused.
inline constexpr std::size_t kRoomNameBytesMax = 200;
[[nodiscard]] bool is_room_name(std::string_view name);

}  // namespace chatflow::rooms
