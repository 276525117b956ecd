#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {

/// Public: everybody may read and join. Private: members only. Direct: of two users, for ever.
enum class RoomKind { Public, Private, Direct };

/// "public", "private", "direct".
[[nodiscard]] std::string_view to_string(RoomKind kind);
[[nodiscard]] std::optional<RoomKind> room_kind_named(std::string_view name);

struct Room {
    std::string id;  // UUID
    RoomKind kind = RoomKind::Public;
    std::string name;
    std::string topic;
    std::int64_t version = 1;  // counts the changes; the cache never goes back to a lower one
    std::string created_at;    // RFC 3339
    std::string updated_at;

    bool operator==(const Room&) const = default;
};

/// What a client gives to make a room.
struct NewRoom {
    RoomKind kind = RoomKind::Public;
    std::string name;
    std::string topic;
    std::string with;  // the other user of a direct room

    bool operator==(const NewRoom&) const = default;
};

/// A part of the list of rooms, newest first.
struct RoomPage {
    std::vector<Room> rooms;
    bool has_more = false;
};

}  // namespace chatflow::chat
