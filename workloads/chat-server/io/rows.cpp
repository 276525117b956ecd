#include "workloads/chat-server/io/rows.hpp"

#include <pqxx/field>
#include <pqxx/result>

namespace chatflow::chat {
namespace {

std::string text_of(const pqxx::field& field) { return std::string(field.view()); }

}  // namespace

std::string rfc3339_of(std::string_view postgres_text) {
    constexpr std::string_view kUtc = "+00";
    if (postgres_text.ends_with(kUtc)) postgres_text.remove_suffix(kUtc.size());
    std::string text(postgres_text);
    if (const auto space = text.find(' '); space != std::string::npos) text[space] = 'T';
    return text + 'Z';
}

Room room_from(const pqxx::row& row, pqxx::row_size_type first) {
    return {.id = text_of(row[first]),
            .kind = room_kind_named(row[first + 6].view()).value_or(RoomKind::Private),
            .name = text_of(row[first + 1]),
            .topic = text_of(row[first + 2]),
            .version = row[first + 3].as<std::int64_t>(),
            .created_at = rfc3339_of(row[first + 4].view()),
            .updated_at = rfc3339_of(row[first + 5].view())};
}

Message message_from(const pqxx::row& row, pqxx::row_size_type first) {
    return {.id = text_of(row[first + 2]),
            .room_id = text_of(row[first]),
            .seq = row[first + 1].as<std::int64_t>(),
            .sender = text_of(row[first + 3]),
            .body = text_of(row[first + 5]),
            .client_msg_id = text_of(row[first + 4]),
            .created_at = rfc3339_of(row[first + 6].view()),
            .reply_to = row[first + 7].as<std::int64_t>(0),
            .edited_at = row[first + 8].is_null() ? "" : rfc3339_of(row[first + 8].view()),
            .is_deleted = row[first + 9].as<bool>(),
            .reactions = text_of(row[first + 10])};
}

}  // namespace chatflow::chat
