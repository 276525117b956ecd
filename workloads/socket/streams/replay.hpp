#pragma once

#include "libs/rooms/room_message.hpp"
#include "libs/rooms/room_store.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace chatflow::socket {

/// A message and its room, as it is delivered.
struct RoomEvent {
    std::string room;
    rooms::RoomMessage message;

    bool operator==(const RoomEvent&) const = default;
};

/// What a client that returns has missed in one room, as far as is known.
struct Missed {
    rooms::RoomPosition position;  // the last that the client has
    rooms::MessageId seen = 0;     // what the client last saw of the room's shard; 0: nothing
    rooms::MessageId born = 0;     // when the shard's count began; 0: it has not
    rooms::RoomHistory history;    // read from the log after `position`
};

struct Replay {
    bool is_complete = false;       // else nothing is replayed and the client must fetch anew
    std::vector<RoomEvent> events;  // by id
};

/// What to send to a client that returns: what the logs hold, and what was delivered on this
/// gateway meanwhile (`live`, in order; of rooms among `missed`). Not complete when a log no longer
/// reaches back, when the ids are of another life of Redis, or when there are more than
/// `count_max`.
[[nodiscard]] Replay plan_replay(const std::vector<Missed>& missed,
                                 const std::vector<RoomEvent>& live, std::size_t count_max);

}  // namespace chatflow::socket
