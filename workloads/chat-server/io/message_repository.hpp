#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "workloads/chat-server/domain/message.hpp"

#include <optional>
#include <string>

namespace chatflow::postgres {
class Pool;
}

namespace chatflow::chat {

/// Messages in PostgreSQL. Throws what postgres::Pool::run throws. Any thread.
class MessageRepository {
 public:
    explicit MessageRepository(postgres::Pool& pool) : pool_(pool) {}

    /// Gives the message the room's next sequence and stores it, in one transaction. A message
    /// with the client_msg_id of an earlier one of the same room and sender is not stored again:
    /// the earlier one is returned. Nothing when there is no such room.
    [[nodiscard]] awaitable<std::optional<Message>> send(std::string room_id, std::string id,
                                                         NewMessage message, Deadline deadline);

    /// Nothing when there is no such room.
    [[nodiscard]] awaitable<std::optional<History>> history(std::string room_id, HistoryQuery query,
                                                            Deadline deadline);

 private:
    postgres::Pool& pool_;
};

}  // namespace chatflow::chat
