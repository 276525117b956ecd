#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/postgres/lsn.hpp"
#include "workloads/chat-server/domain/message.hpp"
#include "workloads/chat-server/io/batcher.hpp"

#include <exception>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::postgres {
class Pool;
class Reads;
}  // namespace chatflow::postgres

namespace chatflow::chat {

/// Messages in PostgreSQL, for one event loop. Throws what postgres::Pool::run throws.
class MessageRepository {
 public:
    MessageRepository(asio::any_io_executor executor, postgres::Pool& pool, postgres::Reads& reads);

    /// Gives the message the room's next sequence and stores it, in one transaction. A message
    /// with the client_msg_id of an earlier one of the same room and sender is not stored again:
    /// the earlier one is returned. Nothing when there is no such room.
    [[nodiscard]] awaitable<std::optional<Message>> send(std::string room_id, std::string id,
                                                         NewMessage message, Deadline deadline);

    /// Nothing when there is no such room.
    [[nodiscard]] awaitable<std::optional<History>> history(std::string room_id, HistoryQuery query,
                                                            postgres::Lsn after_write,
                                                            Deadline deadline);

    struct Sending {
        std::string room_id;
        std::string id;
        NewMessage message;
    };
    /// What became of one of a batch: nothing when there is no such room, else why it was refused.
    using Sent = std::expected<std::optional<Message>, std::exception_ptr>;
    struct Reading {
        std::string room_id;
        HistoryQuery query;
        postgres::Lsn after_write{};
    };

 private:
    using Read = std::optional<History>;

    awaitable<std::vector<Sent>> send_batch(std::vector<Sending> batch, Deadline deadline);
    awaitable<std::vector<Read>> read_batch(std::vector<Reading> batch, Deadline deadline);

    postgres::Pool& pool_;
    postgres::Reads& replicas_;
    Batcher<Sending, Sent> sends_;
    Batcher<Reading, Read> reads_;
};

}  // namespace chatflow::chat
