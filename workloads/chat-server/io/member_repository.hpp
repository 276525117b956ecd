#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/postgres/lsn.hpp"
#include "workloads/chat-server/domain/membership.hpp"

#include <optional>
#include <string>

namespace chatflow::postgres {
class Pool;
class Reads;
}  // namespace chatflow::postgres

namespace chatflow::chat {

/// Who is in which room, in PostgreSQL. Throws what postgres::Pool::run throws. Any executor.
class MemberRepository {
 public:
    MemberRepository(postgres::Pool& pool, postgres::Reads& reads) : pool_(pool), reads_(reads) {}

    /// Nothing when there is no such room.
    [[nodiscard]] awaitable<std::optional<RoomAccess>> access(std::string room_id,
                                                              std::string user_id,
                                                              postgres::Lsn after_write,
                                                              Deadline deadline);
    [[nodiscard]] awaitable<std::optional<Member>> find(std::string room_id, std::string user_id,
                                                        Deadline deadline);
    /// By user id; `after` is the last of the page before, or nothing.
    [[nodiscard]] awaitable<MemberPage> list(std::string room_id, std::optional<std::string> after,
                                             int limit, postgres::Lsn after_write,
                                             Deadline deadline);
    [[nodiscard]] awaitable<JoinedRoomPage> rooms_of(std::string user_id,
                                                     std::optional<std::string> after, int limit,
                                                     postgres::Lsn after_write, Deadline deadline);

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
    postgres::Reads& reads_;
};

}  // namespace chatflow::chat
