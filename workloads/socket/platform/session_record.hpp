#pragma once

#include "libs/rooms/room_message.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::socket {

/// What another gateway must know to go on with a connection: kept in Redis under its private id.
struct SessionRecord {
    std::string user;
    std::string member;  // POD/SOCKET, whose place the new connection takes
    /// Rooms, and each one's last message when it was joined.
    std::map<std::string, rooms::MessageId> rooms;

    bool operator==(const SessionRecord&) const = default;
};

[[nodiscard]] std::string to_json(const SessionRecord& record);
[[nodiscard]] std::optional<SessionRecord> parse_session(std::string_view json);

}  // namespace chatflow::socket
