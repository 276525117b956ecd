#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::chat {

struct Room {
    std::string id;  // UUID
    std::string name;
    std::string topic;
    std::int64_t version = 1;  // counts the changes; the cache never goes back to a lower one
    std::string created_at;    // RFC 3339
    std::string updated_at;

    bool operator==(const Room&) const = default;
};

/// What a client gives to make a room.
struct NewRoom {
    std::string name;
    std::string topic;

    bool operator==(const NewRoom&) const = default;
};

/// A part of the list of rooms, newest first.
struct RoomPage {
    std::vector<Room> rooms;
    bool has_more = false;
};

}  // namespace chatflow::chat
