#pragma once

#include "workloads/chat-server/io/message_repository.hpp"

#include <optional>
#include <vector>

namespace pqxx {
class connection;
}

namespace chatflow::chat {

/// Many pages, in one statement for each direction. Results in the order of `batch`; nothing for a
/// room that is not there. Blocks.
[[nodiscard]] std::vector<std::optional<History>> read_histories(
    pqxx::connection& connection, const std::vector<MessageRepository::Reading>& batch);

}  // namespace chatflow::chat
