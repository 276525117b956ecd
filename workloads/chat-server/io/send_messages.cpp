#include "workloads/chat-server/io/send_messages.hpp"

#include "libs/postgres/errors.hpp"
#include "workloads/chat-server/io/rows.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <exception>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using Sending = MessageRepository::Sending;
using Sent = MessageRepository::Sent;

std::optional<Message> one_message(const pqxx::result& rows) {
    if (rows.empty()) return std::nullopt;
    return message_from(rows[0]);
}

// Who has to be in the room; nothing where authentication is off.
std::optional<std::string> member_of(const Sending& sending) {
    if (!sending.message.is_member_only) return std::nullopt;
    return sending.message.sender;
}

std::optional<std::int64_t> answered_by(const Sending& sending) {
    if (sending.message.reply_to == 0) return std::nullopt;
    return sending.message.reply_to;
}

std::optional<std::string> trace_of(const Sending& sending) {
    if (sending.message.traceparent.empty()) return std::nullopt;
    return sending.message.traceparent;
}

std::optional<Message> insert_each(pqxx::connection& connection, const Sending& sending) {
    pqxx::nontransaction query(connection);
    const pqxx::params values{sending.room_id,      sending.id,         sending.message.sender,
                              sending.message.body, member_of(sending), answered_by(sending),
                              trace_of(sending)};
    return one_message(query.exec(pqxx::prepped{kInsertMessage}, values));
}

std::optional<Message> insert_once(pqxx::connection& connection, const Sending& sending) {
    try {
        pqxx::nontransaction query(connection);
        const pqxx::params values{sending.room_id,
                                  sending.id,
                                  sending.message.sender,
                                  sending.message.body,
                                  sending.message.client_msg_id,
                                  member_of(sending),
                                  answered_by(sending),
                                  trace_of(sending)};
        return one_message(query.exec(pqxx::prepped{kInsertMessageOnce}, values));
    } catch (const pqxx::unique_violation&) {
        return std::nullopt;  // the same message came by another way at the same moment
    }
}

std::optional<Message> find_sent(pqxx::connection& connection, const Sending& sending) {
    pqxx::nontransaction query(connection);
    const pqxx::params key{sending.room_id, sending.message.sender, sending.message.client_msg_id};
    return one_message(query.exec(pqxx::prepped{kFindMessage}, key));
}

// The columns of a batch.
struct Columns {
    std::vector<std::string> rooms;
    std::vector<std::string> ids;
    std::vector<std::string> senders;
    std::vector<std::string> bodies;
    std::vector<std::optional<std::string>> client_msg_ids;
    std::vector<std::optional<std::string>> members;
    std::vector<std::optional<std::string>> traces;
    std::vector<std::int64_t> answered;  // 0: none; libpqxx 7.10 has no room for NULL in these

    void add(const Sending& sending) {
        rooms.push_back(sending.room_id);
        ids.push_back(sending.id);
        senders.push_back(sending.message.sender);
        bodies.push_back(sending.message.body);
        const std::string& client_msg_id = sending.message.client_msg_id;
        client_msg_ids.push_back(client_msg_id.empty() ? std::nullopt
                                                       : std::optional(client_msg_id));
        members.push_back(member_of(sending));
        traces.push_back(trace_of(sending));
        answered.push_back(sending.message.reply_to);
    }
};

// Identifiers hold no spaces, so this is one text for each message that may be stored once only.
std::string once_key(const Sending& sending) {
    return sending.room_id + ' ' + sending.message.sender + ' ' + sending.message.client_msg_id;
}

// A message that is twice in the batch goes in once; the other is found afterwards.
Columns without_repetitions(const std::vector<Sending>& batch) {
    Columns columns;
    std::unordered_set<std::string> seen;
    for (const Sending& sending : batch) {
        if (sending.message.client_msg_id.empty() || seen.insert(once_key(sending)).second) {
            columns.add(sending);
        }
    }
    return columns;
}

// About what was sent, or about another transaction: sent alone, others are not affected.
// Classes 22 data exception, 23 integrity constraint, 40 rollback.
bool concerns_some(const pqxx::sql_error& error) {
    const std::string& state = error.sqlstate();
    return state.starts_with("22") || state.starts_with("23") || state.starts_with("40");
}

// Those that were stored, by id; none of them when the statement was refused.
std::unordered_map<std::string, Message> insert_all(pqxx::connection& connection,
                                                    const Columns& columns) {
    std::unordered_map<std::string, Message> stored;
    try {
        pqxx::nontransaction query(connection);
        const pqxx::params values{
            columns.rooms,          columns.ids,     columns.senders,  columns.bodies,
            columns.client_msg_ids, columns.members, columns.answered, columns.traces};
        for (const auto& row : query.exec(pqxx::prepped{kInsertMessages}, values)) {
            Message message = message_from(row);
            std::string id = message.id;
            stored.emplace(std::move(id), std::move(message));
        }
    } catch (const pqxx::sql_error& error) {
        if (!concerns_some(error)) throw;
    }
    return stored;
}

Sent send_or_say_why_not(pqxx::connection& connection, const Sending& sending) {
    try {
        return send_alone(connection, sending);
    } catch (const pqxx::sql_error& error) {
        if (!concerns_some(error)) throw;
        return std::unexpected(postgres::translated(std::current_exception()));
    }
}

}  // namespace

std::optional<Message> send_alone(pqxx::connection& connection, const Sending& sending) {
    if (sending.message.client_msg_id.empty()) return insert_each(connection, sending);
    if (auto sent = insert_once(connection, sending)) return sent;
    return find_sent(connection, sending);
}

std::vector<Sent> send_together(pqxx::connection& connection, const std::vector<Sending>& batch) {
    auto stored = insert_all(connection, without_repetitions(batch));
    std::vector<Sent> sent;
    sent.reserve(batch.size());
    for (const Sending& sending : batch) {
        const auto found = stored.find(sending.id);
        sent.push_back(found != stored.end() ? Sent(std::move(found->second))
                                             : send_or_say_why_not(connection, sending));
    }
    return sent;
}

}  // namespace chatflow::chat
