#pragma once

#include "workloads/chat-server/io/message_repository.hpp"

#include <optional>
#include <vector>

namespace pqxx {
class connection;
}

namespace chatflow::chat {

/// Stores one message, in one statement; nothing when there is no such room. Blocks.
[[nodiscard]] std::optional<Message> send_alone(pqxx::connection& connection,
                                                const MessageRepository::Sending& sending);

/// Stores many in one statement, and alone those that turn out to be there already, that another
/// connection is storing at this moment, or that the database refuses: the refusal of one does not
/// touch the others. Results in the order of `batch`. Throws when the connection is lost. Blocks.
[[nodiscard]] std::vector<MessageRepository::Sent> send_together(
    pqxx::connection& connection, const std::vector<MessageRepository::Sending>& batch);

}  // namespace chatflow::chat
