#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/postgres/lsn.hpp"
#include "workloads/chat-server/domain/parse_body.hpp"
#include "workloads/chat-server/domain/parse_query.hpp"
#include "workloads/chat-server/domain/room.hpp"
#include "workloads/chat-server/io/batcher.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::postgres {
class Pool;
class Reads;
}  // namespace chatflow::postgres

namespace chatflow::chat {

/// Rooms in PostgreSQL, for one event loop. Throws what postgres::Pool::run throws.
class RoomRepository {
 public:
    RoomRepository(asio::any_io_executor executor, postgres::Pool& pool, postgres::Reads& reads);

    /// `creator` becomes the owner; empty: nobody does.
    [[nodiscard]] awaitable<Room> insert(std::string id, NewRoom room, std::string creator,
                                         Deadline deadline);
    struct Direct {
        Room room;
        bool is_new = false;
    };
    /// The room of two users, made when there is none. Nothing when the other does not exist.
    [[nodiscard]] awaitable<std::optional<Direct>> open_direct(std::string id, std::string one,
                                                               std::string other,
                                                               Deadline deadline);
    /// Nothing when there is no such room.
    [[nodiscard]] awaitable<std::optional<Room>> update(std::string id, RoomChange change,
                                                        Deadline deadline);
    /// Of the primary: what a cache gets must not be old.
    [[nodiscard]] awaitable<std::optional<Room>> find(std::string id, Deadline deadline);
    [[nodiscard]] awaitable<RoomPage> list(RoomsQuery query, postgres::Lsn after_write,
                                           Deadline deadline);

 private:
    using Found = std::optional<Room>;
    awaitable<std::vector<Found>> find_batch(std::vector<std::string> ids, Deadline deadline);

    postgres::Pool& pool_;
    postgres::Reads& reads_;
    Batcher<std::string, Found> finds_;
};

}  // namespace chatflow::chat
