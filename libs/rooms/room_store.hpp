#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/rooms/room_keys.hpp"
#include "libs/rooms/room_message.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace chatflow::redis {
class Client;
}

namespace chatflow::rooms {

/// What is kept, and how long. The log must cover the longest absence after which a client may come
/// back without having missed anything.
struct Retention {
    std::size_t log_length = 10'000;        // messages of one room, about
    std::chrono::seconds log_time{86'400};  // since the room's last message
    std::chrono::seconds meta_time{30 * 86'400};
    std::chrono::seconds once_time{300};  // a message that is sent again is recognised so long
};

struct Publication {
    std::string room;
    std::string event;   // a JSON array, as RoomMessage::event
    std::string except;  // a connection; no spaces
    std::string once;    // empty, or a name: a second publication of that name changes nothing
};

/// Under what something was published to a room.
struct PublicationName {
    std::string room;
    std::string once;
};

struct Published {
    MessageId id = 0;
    std::uint64_t seq = 0;
    bool is_repeat = false;  // it had been published before, under this id
};

/// From where on a room is read.
struct RoomPosition {
    std::string room;
    MessageId after = 0;

    bool operator==(const RoomPosition&) const = default;
};

struct RoomHistory {
    std::vector<RoomMessage> messages;  // in order; at most what was asked for
    MessageId last = 0;                 // the room's last message when it was read; 0: none
    std::uint64_t last_seq = 0;
};

/// The rooms' logs in Redis. One executor, that of the client. Throws redis::Error.
class RoomStore {
 public:
    explicit RoomStore(redis::Client& redis, RoomKeys keys = {}, Retention retention = {});

    /// Gives the message its id and seq, appends it to the room's log and tells all gateways: one
    /// script, so that all agree on the order.
    [[nodiscard]] awaitable<Published> publish(Publication publication, Deadline deadline);

    /// From now on the names of these publications are recognised for `time` only.
    [[nodiscard]] awaitable<void> shorten_names(std::span<const PublicationName> names,
                                                std::chrono::seconds time, Deadline deadline);

    /// Tells all gateways and keeps nothing: typing, cursors.
    [[nodiscard]] awaitable<void> publish_ephemeral(Publication publication, Deadline deadline);

    /// Up to `count` messages of each room after its position. The rooms are of one shard.
    [[nodiscard]] awaitable<std::vector<RoomHistory>> read(std::vector<RoomPosition> positions,
                                                           std::size_t count, Deadline deadline);

    /// The id of the message before which `seq` comes: a position that read() goes on from with
    /// seq + 1. Looks at most `count` messages back; 0 then.
    [[nodiscard]] awaitable<MessageId> id_of(std::string room, std::uint64_t seq, std::size_t count,
                                             Deadline deadline);

    /// When the shard's count began: whoever has an older id comes from another life of Redis.
    [[nodiscard]] awaitable<MessageId> born(std::size_t shard, Deadline deadline);

    [[nodiscard]] const RoomKeys& keys() const { return keys_; }
    [[nodiscard]] redis::Client& redis() { return redis_; }

 private:
    redis::Client& redis_;
    RoomKeys keys_;
    Retention retention_;
};

}  // namespace chatflow::rooms
