#include "workloads/chat-server/io/message_repository.hpp"

#include "libs/postgres/pool.hpp"
#include "workloads/chat-server/io/rows.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

std::optional<Message> one_message(const pqxx::result& rows) {
    if (rows.empty()) return std::nullopt;
    return message_from(rows[0]);
}

std::optional<Message> send_each(pqxx::connection& connection, const std::string& room_id,
                                 const std::string& id, const NewMessage& message) {
    pqxx::nontransaction query(connection);
    const pqxx::params values{room_id, id, message.sender, message.body};
    return one_message(query.exec(pqxx::prepped{kInsertMessage}, values));
}

std::optional<Message> try_to_insert_once(pqxx::connection& connection, const std::string& room_id,
                                          const std::string& id, const NewMessage& message) {
    try {
        pqxx::nontransaction query(connection);
        const pqxx::params values{room_id, id, message.sender, message.body, message.client_msg_id};
        return one_message(query.exec(pqxx::prepped{kInsertMessageOnce}, values));
    } catch (const pqxx::unique_violation&) {
        return std::nullopt;  // the same message came by another way at the same moment
    }
}

std::optional<Message> send_once(pqxx::connection& connection, const std::string& room_id,
                                 const std::string& id, const NewMessage& message) {
    if (auto sent = try_to_insert_once(connection, room_id, id, message)) return sent;
    pqxx::nontransaction query(connection);
    const pqxx::params key{room_id, message.sender, message.client_msg_id};
    return one_message(query.exec(pqxx::prepped{kFindMessage}, key));
}

// The greatest sequence that a client of this page has nothing to ask about any more.
std::int64_t place_of(const History& history, const HistoryQuery& wanted) {
    if (!history.messages.empty()) return history.messages.back().seq;
    if (wanted.after) return *wanted.after;
    if (wanted.before) return std::max<std::int64_t>(0, *wanted.before - 1);
    return history.last_seq;
}

std::optional<History> read_history(pqxx::connection& connection, const std::string& room_id,
                                    const HistoryQuery& wanted) {
    constexpr auto kNewest = std::numeric_limits<std::int64_t>::max();
    pqxx::nontransaction query(connection);
    const pqxx::params values{
        room_id, wanted.after ? *wanted.after : wanted.before.value_or(kNewest), wanted.limit};
    const char* statement = wanted.after ? kMessagesAfter : kMessagesBefore;
    const pqxx::result rows = query.exec(pqxx::prepped{statement}, values);
    if (rows.empty()) return std::nullopt;

    constexpr pqxx::row_size_type kFirstOfMessage = 1;
    History history{.messages = {}, .last_seq = rows[0][0].as<std::int64_t>()};
    history.messages.reserve(static_cast<std::size_t>(rows.size()));
    for (const auto& row : rows) {
        if (row[kFirstOfMessage].is_null()) continue;  // the room is there, messages are not
        history.messages.push_back(message_from(row, kFirstOfMessage));
    }
    if (!wanted.after) std::ranges::reverse(history.messages);
    history.place = place_of(history, wanted);
    return history;
}

}  // namespace

awaitable<std::optional<Message>> MessageRepository::send(std::string room_id, std::string id,
                                                          NewMessage message, Deadline deadline) {
    auto send = [room_id = std::move(room_id), id = std::move(id),
                 message = std::move(message)](pqxx::connection& connection) {
        return message.client_msg_id.empty() ? send_each(connection, room_id, id, message)
                                             : send_once(connection, room_id, id, message);
    };
    return pool_.run(std::move(send), deadline);
}

awaitable<std::optional<History>> MessageRepository::history(std::string room_id,
                                                             HistoryQuery query,
                                                             Deadline deadline) {
    auto read = [room_id = std::move(room_id), query](pqxx::connection& connection) {
        return read_history(connection, room_id, query);
    };
    return pool_.run(std::move(read), deadline);
}

}  // namespace chatflow::chat
