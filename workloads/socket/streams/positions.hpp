#pragma once

#include "libs/rooms/room_message.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::socket {

/// How far a gateway, or a client, has come in each shard: it has met every message up to there
/// that concerned it. One per gateway serves all its clients, since a gateway delivers a shard's
/// messages in the order of their ids. A client gets it as the offset of each event and shows it
/// when it returns, to any gateway.
class Positions {
 public:
    explicit Positions(std::size_t shards) : ids_(shards, 0) {}

    [[nodiscard]] rooms::MessageId at(std::size_t shard) const { return ids_[shard]; }
    [[nodiscard]] std::size_t shards() const { return ids_.size(); }

    /// Never back.
    void advance(std::size_t shard, rooms::MessageId id);

    /// "h5l2k0vw8z" per shard (base 36), joined by dots.
    [[nodiscard]] std::string to_offset() const;

    /// Nothing unless it is an offset of so many shards.
    [[nodiscard]] static std::optional<Positions> parse(std::string_view offset,
                                                        std::size_t shards);

    bool operator==(const Positions&) const = default;

 private:
    std::vector<rooms::MessageId> ids_;
};

}  // namespace chatflow::socket
