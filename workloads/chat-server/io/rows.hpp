#pragma once

#include "workloads/chat-server/domain/message.hpp"
#include "workloads/chat-server/domain/room.hpp"

#include <string>
#include <string_view>

#include <pqxx/row>

namespace chatflow::chat {

/// From id, name, topic, version, created_at, updated_at, kind, beginning at column `first`.
[[nodiscard]] Room room_from(const pqxx::row& row, pqxx::row_size_type first = 0);

/// From room_id, seq, id, sender, client_msg_id, body, created_at, reply_to, edited_at, is_deleted,
/// reactions, beginning at column `first`.
[[nodiscard]] Message message_from(const pqxx::row& row, pqxx::row_size_type first = 0);

/// PostgreSQL's text for a timestamptz, in UTC, as RFC 3339: "2026-11-21 08:00:00.5+00" becomes
/// "2026-11-21T08:00:00.5Z".
[[nodiscard]] std::string rfc3339_of(std::string_view postgres_text);

}  // namespace chatflow::chat
