#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "workloads/chat-server/domain/parse_body.hpp"
#include "workloads/chat-server/domain/parse_query.hpp"
#include "workloads/chat-server/domain/room.hpp"

#include <optional>
#include <string>

namespace chatflow::postgres {
class Pool;
}

namespace chatflow::chat {

/// Rooms in PostgreSQL. Throws what postgres::Pool::run throws. Any thread.
class RoomRepository {
 public:
    explicit RoomRepository(postgres::Pool& pool) : pool_(pool) {}

    [[nodiscard]] awaitable<Room> insert(std::string id, NewRoom room, Deadline deadline);
    /// Nothing when there is no such room.
    [[nodiscard]] awaitable<std::optional<Room>> update(std::string id, RoomChange change,
                                                        Deadline deadline);
    [[nodiscard]] awaitable<std::optional<Room>> find(std::string id, Deadline deadline);
    [[nodiscard]] awaitable<RoomPage> list(RoomsQuery query, Deadline deadline);

 private:
    postgres::Pool& pool_;
};

}  // namespace chatflow::chat
