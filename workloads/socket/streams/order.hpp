#pragma once

#include "libs/rooms/room_message.hpp"

namespace chatflow::socket {

enum class Verdict {
    Deliver,
    Repeat,  // it has been delivered
    Gap      // messages after `last` were missed: read them first
};

/// What to do with a message of a room whose last delivered one was `last`. A message that names an
/// older one before it than `last` is delivered: Redis has lost what came between in a failover,
/// clients have not.
[[nodiscard]] constexpr Verdict judge(rooms::MessageId last, const rooms::RoomMessage& message) {
    if (message.is_ephemeral()) return Verdict::Deliver;
    if (message.id <= last) return Verdict::Repeat;
    return message.previous > last ? Verdict::Gap : Verdict::Deliver;
}

}  // namespace chatflow::socket
