#include "workloads/chat-server/io/message_changes.hpp"

#include "libs/postgres/reads.hpp"
#include "workloads/chat-server/domain/limits.hpp"
#include "workloads/chat-server/io/rows.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

FoundMessage found_from(const pqxx::row& row) {
    constexpr pqxx::row_size_type kFirstOfMessage = 2;
    FoundMessage found;
    found.access.kind = room_kind_named(row[0].view()).value_or(RoomKind::Private);
    if (!row[1].is_null()) found.access.role = room_role_named(row[1].view());
    if (!row[kFirstOfMessage].is_null()) found.message = message_from(row, kFirstOfMessage);
    return found;
}

std::optional<std::string> trace_of(const std::string& traceparent) {
    return traceparent.empty() ? std::nullopt : std::optional(traceparent);
}

// One row more than the limit was asked for.
MessagePage page_from(const pqxx::result& rows, int limit) {
    MessagePage page;
    for (const auto& row : rows) page.messages.push_back(message_from(row));
    page.has_more = std::cmp_greater(page.messages.size(), limit);
    if (page.has_more) page.messages.pop_back();
    return page;
}

}  // namespace

awaitable<std::optional<FoundMessage>> MessageChanges::find(std::string room_id, std::int64_t seq,
                                                            std::string user_id,
                                                            postgres::Lsn after_write,
                                                            Deadline deadline) {
    auto find = [room_id = std::move(room_id), seq, user_id = std::move(user_id)](
                    pqxx::connection& connection) -> std::optional<FoundMessage> {
        pqxx::nontransaction query(connection);
        const pqxx::params values{room_id, seq, user_id};
        const auto rows = query.exec(pqxx::prepped{kFindForChange}, values);
        if (rows.empty()) return std::nullopt;
        return found_from(rows[0]);
    };
    return reads_.run(std::move(find), after_write, deadline);
}

awaitable<std::optional<Message>> MessageChanges::edit(std::string room_id, std::int64_t seq,
                                                       std::string body, std::string traceparent,
                                                       Deadline deadline) {
    auto edit =
        [room_id = std::move(room_id), seq, body = std::move(body),
         trace = trace_of(traceparent)](pqxx::connection& connection) -> std::optional<Message> {
        pqxx::nontransaction query(connection);
        const pqxx::params values{room_id, seq, body, trace};
        const auto rows = query.exec(pqxx::prepped{kEditMessage}, values);
        if (rows.empty()) return std::nullopt;
        return message_from(rows[0]);
    };
    return pool_.run(std::move(edit), deadline);
}

awaitable<void> MessageChanges::remove(std::string room_id, std::int64_t seq,
                                       std::string traceparent, Deadline deadline) {
    auto remove = [room_id = std::move(room_id), seq,
                   trace = trace_of(traceparent)](pqxx::connection& connection) {
        pqxx::work transaction(connection);
        transaction.exec(pqxx::prepped{kLockMessage}, pqxx::params{room_id, seq});
        transaction.exec(pqxx::prepped{kDeleteMessage}, pqxx::params{room_id, seq, trace});
        transaction.commit();
    };
    co_await pool_.run(std::move(remove), deadline);
}

awaitable<bool> MessageChanges::add_reaction(std::string room_id, std::int64_t seq,
                                             std::string user_id, std::string emoji,
                                             std::string traceparent, Deadline deadline) {
    auto add = [room_id = std::move(room_id), seq, user_id = std::move(user_id),
                emoji = std::move(emoji),
                trace = trace_of(traceparent)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{room_id, seq, user_id, emoji, kReactionKindsMax, trace};
        if (!query.exec(pqxx::prepped{kAddReaction}, values).empty()) return true;
        const pqxx::params key{room_id, seq, user_id, emoji};
        return !query.exec(pqxx::prepped{kFindReaction}, key).empty();
    };
    return pool_.run(std::move(add), deadline);
}

awaitable<void> MessageChanges::remove_reaction(std::string room_id, std::int64_t seq,
                                                std::string user_id, std::string emoji,
                                                std::string traceparent, Deadline deadline) {
    auto remove = [room_id = std::move(room_id), seq, user_id = std::move(user_id),
                   emoji = std::move(emoji),
                   trace = trace_of(traceparent)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{room_id, seq, user_id, emoji, trace};
        return query.exec(pqxx::prepped{kRemoveReaction}, values).size();
    };
    co_await pool_.run(std::move(remove), deadline);
}

awaitable<MessagePage> MessageChanges::replies(std::string room_id, std::int64_t seq,
                                               HistoryQuery query, postgres::Lsn after_write,
                                               Deadline deadline) {
    auto list = [room_id = std::move(room_id), seq, after = query.after.value_or(0),
                 limit = query.limit](pqxx::connection& connection) {
        pqxx::nontransaction ask(connection);
        const pqxx::params values{room_id, seq, after, limit + 1};
        return page_from(ask.exec(pqxx::prepped{kListReplies}, values), limit);
    };
    return reads_.run(std::move(list), after_write, deadline);
}

awaitable<MessagePage> MessageChanges::search(SearchQuery query, postgres::Lsn after_write,
                                              Deadline deadline) {
    auto search = [query = std::move(query)](pqxx::connection& connection) {
        pqxx::nontransaction ask(connection);
        const auto room = query.room_id.empty() ? std::nullopt : std::optional(query.room_id);
        const pqxx::params values{query.text, room, query.reader, query.after, query.limit + 1};
        return page_from(ask.exec(pqxx::prepped{kSearchMessages}, values), query.limit);
    };
    return reads_.run(std::move(search), after_write, deadline);
}

}  // namespace chatflow::chat
