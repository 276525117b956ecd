#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "workloads/chat-server/domain/membership.hpp"

#include <optional>
#include <string>

namespace chatflow::postgres {
class Pool;
}

namespace chatflow::chat {

/// Who is in which room, in PostgreSQL. Throws what postgres::Pool::run throws. Any executor.
class MemberRepository {
 public:
    explicit MemberRepository(postgres::Pool& pool) : pool_(pool) {}

    /// Nothing when there is no such room.
    [[nodiscard]] awaitable<std::optional<RoomAccess>> access(std::string room_id,
                                                              std::string user_id,
                                                              Deadline deadline);
    [[nodiscard]] awaitable<std::optional<Member>> find(std::string room_id, std::string user_id,
                                                        Deadline deadline);
    /// By user id; `after` is the last of the page before, or nothing.
    [[nodiscard]] awaitable<MemberPage> list(std::string room_id, std::optional<std::string> after,
                                             int limit, Deadline deadline);
    [[nodiscard]] awaitable<JoinedRoomPage> rooms_of(std::string user_id,
                                                     std::optional<std::string> after, int limit,
                                                     Deadline deadline);

    enum class Change { Done, NoSuchUser, LastOwner };
    /// `wanted` nothing: removed. A room with owners keeps one.
    [[nodiscard]] awaitable<Change> change(std::string room_id, std::string user_id,
                                           std::optional<RoomRole> now,
                                           std::optional<RoomRole> wanted, Deadline deadline);

    /// Nothing when the user is not in the room.
    [[nodiscard]] awaitable<std::optional<Member>> put_receipt(std::string room_id,
                                                               std::string user_id, Receipt receipt,
                                                               Deadline deadline);

 private:
    postgres::Pool& pool_;
};

}  // namespace chatflow::chat
