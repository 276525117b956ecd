#pragma once

#include "libs/base/fnv1a.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace chatflow::rooms {

/// Where rooms are kept in Redis. Rooms are dealt out to shards; all keys of a shard share a hash
/// tag, so that in a cluster they are on one node, whose clock orders them. All programs of a
/// platform must say the same.
struct RoomKeys {
    std::string prefix = "rt";
    std::size_t shards = 1;  // more than one pays only in a cluster

    [[nodiscard]] std::size_t shard_of(std::string_view room) const {
        return static_cast<std::size_t>(fnv1a(room) % shards);
    }
    [[nodiscard]] std::string tag(std::size_t shard) const {
        return "{" + prefix + std::to_string(shard) + "}:";
    }
    /// HASH id, born: the shard's last message id; the moment when this count began.
    [[nodiscard]] std::string clock(std::size_t shard) const { return tag(shard) + "clock"; }
    /// HASH id, seq: the room's last message.
    [[nodiscard]] std::string meta(std::string_view room) const { return key("meta:", room); }
    /// STREAM p(revious), s(eq), x (except), d(ata).
    [[nodiscard]] std::string log(std::string_view room) const { return key("log:", room); }
    /// STRING "id seq": what a message that is sent again got the first time.
    [[nodiscard]] std::string once(std::string_view room, std::string_view name) const {
        return key("once:", room) + ":" + std::string(name);
    }
    /// Sharded pub/sub.
    [[nodiscard]] std::string channel(std::string_view room) const { return key("ch:", room); }
    /// The room of a channel's name, "" when it is none.
    [[nodiscard]] std::string_view room_of(std::string_view channel) const {
        const auto mark = channel.find("}:ch:");
        return mark == std::string_view::npos ? std::string_view{} : channel.substr(mark + 5);
    }

 private:
    [[nodiscard]] std::string key(std::string_view kind, std::string_view room) const {
        return tag(shard_of(room)).append(kind).append(room);
    }
};

}  // namespace chatflow::rooms
