#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/postgres/lsn.hpp"
#include "workloads/chat-server/domain/message_change.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::postgres {
class Pool;
class Reads;
}  // namespace chatflow::postgres

namespace chatflow::chat {

/// Messages that are there: changing and finding them. Who may is decided by the caller. Each
/// change and what the room is told of it are one statement. Throws what postgres::Pool::run
/// throws.
class MessageChanges {
 public:
    MessageChanges(postgres::Pool& pool, postgres::Reads& reads) : pool_(pool), reads_(reads) {}

    /// Nothing when there is no such room.
    [[nodiscard]] awaitable<std::optional<FoundMessage>> find(std::string room_id, std::int64_t seq,
                                                              std::string user_id,
                                                              postgres::Lsn after_write,
                                                              Deadline deadline);
    /// Changes of a message, which its room is told, with `traceparent` where it is not empty.
    /// Nothing when it was deleted meanwhile.
    [[nodiscard]] awaitable<std::optional<Message>> edit(std::string room_id, std::int64_t seq,
                                                         std::string body, std::string traceparent,
                                                         Deadline deadline);
    [[nodiscard]] awaitable<void> remove(std::string room_id, std::int64_t seq,
                                         std::string traceparent, Deadline deadline);

    /// False when the message has as many kinds of reactions as it may have, or is gone.
    [[nodiscard]] awaitable<bool> add_reaction(std::string room_id, std::int64_t seq,
                                               std::string user_id, std::string emoji,
                                               std::string traceparent, Deadline deadline);
    [[nodiscard]] awaitable<void> remove_reaction(std::string room_id, std::int64_t seq,
                                                  std::string user_id, std::string emoji,
                                                  std::string traceparent, Deadline deadline);

    /// Answers in the thread that begins with `seq`, after a sequence, oldest first.
    [[nodiscard]] awaitable<MessagePage> replies(std::string room_id, std::int64_t seq,
                                                 HistoryQuery query, postgres::Lsn after_write,
                                                 Deadline deadline);
    [[nodiscard]] awaitable<MessagePage> search(SearchQuery query, postgres::Lsn after_write,
                                                Deadline deadline);

 private:
    postgres::Pool& pool_;
    postgres::Reads& reads_;
};

}  // namespace chatflow::chat
