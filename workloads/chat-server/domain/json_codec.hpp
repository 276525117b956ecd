#pragma once

#include "workloads/chat-server/domain/membership.hpp"
#include "workloads/chat-server/domain/message.hpp"
#include "workloads/chat-server/domain/room.hpp"

#include <string>

namespace chatflow::chat {

/// How the API shows things. Written by hand: these are on the path of every request. All texts
/// are valid UTF-8, PostgreSQL and the body parser see to it.

/// {"version":1,"id":…}: the version stays first, the cache's script looks for it there.
[[nodiscard]] std::string to_json(const Room& room);
[[nodiscard]] std::string to_json(const RoomPage& page);
[[nodiscard]] std::string to_json(const Member& member);
[[nodiscard]] std::string to_json(const MemberPage& page);
[[nodiscard]] std::string to_json(const JoinedRoomPage& page);
[[nodiscard]] std::string to_json(const Message& message);
/// A thread, oldest first: `next` is a place in the room.
[[nodiscard]] std::string replies_to_json(const MessagePage& page);
/// What a search has found, newest first: `next` is an id.
[[nodiscard]] std::string found_to_json(const MessagePage& page);
/// With the cursors of both neighbours; `next` also at the end, to ask for newer ones later.
[[nodiscard]] std::string to_json(const History& history);

}  // namespace chatflow::chat
