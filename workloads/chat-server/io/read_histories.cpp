#include "workloads/chat-server/io/read_histories.hpp"

#include "workloads/chat-server/io/rows.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

using Reading = MessageRepository::Reading;

// The pages of one direction: parallel arrays for the statement, and whose they are.
struct Pages {
    std::vector<std::string> rooms;
    std::vector<std::int64_t> places;
    std::vector<int> limits;
    std::vector<std::optional<std::string>> readers;
    std::vector<std::size_t> owners;  // index in the batch

    void add(std::size_t owner, const Reading& reading, std::int64_t place) {
        rooms.push_back(reading.room_id);
        places.push_back(place);
        limits.push_back(reading.query.limit);
        const std::string& reader = reading.query.reader;
        readers.push_back(reader.empty() ? std::nullopt : std::optional(reader));
        owners.push_back(owner);
    }
};

void read(pqxx::connection& connection, const char* statement, const Pages& pages,
          std::vector<std::optional<History>>& histories) {
    if (pages.rooms.empty()) return;
    constexpr pqxx::row_size_type kFirstOfMessage = 2;
    pqxx::nontransaction query(connection);
    const pqxx::params values{pages.rooms, pages.places, pages.limits, pages.readers};
    for (const auto& row : query.exec(pqxx::prepped{statement}, values)) {
        auto& history = histories[pages.owners[row[0].as<std::size_t>() - 1]];
        if (!history) history = History{.messages = {}, .last_seq = row[1].as<std::int64_t>()};
        if (row[kFirstOfMessage].is_null()) continue;  // the room is there, messages are not
        history->messages.push_back(message_from(row, kFirstOfMessage));
    }
}

// The newest sequence that is not newer than the page.
std::int64_t place_of(const History& history, const HistoryQuery& wanted) {
    if (!history.messages.empty()) return history.messages.back().seq;
    if (wanted.after) return *wanted.after;
    if (wanted.before) return std::max<std::int64_t>(0, *wanted.before - 1);
    return history.last_seq;
}

}  // namespace

std::vector<std::optional<History>> read_histories(pqxx::connection& connection,
                                                   const std::vector<Reading>& batch) {
    constexpr auto kNewest = std::numeric_limits<std::int64_t>::max();
    Pages older;
    Pages newer;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const HistoryQuery& wanted = batch[i].query;
        if (wanted.after) {
            newer.add(i, batch[i], *wanted.after);
        } else {
            older.add(i, batch[i], wanted.before.value_or(kNewest));
        }
    }
    std::vector<std::optional<History>> histories(batch.size());
    read(connection, kMessagesBefore, older, histories);
    read(connection, kMessagesAfter, newer, histories);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!histories[i]) continue;
        std::ranges::sort(histories[i]->messages, {}, &Message::seq);
        histories[i]->place = place_of(*histories[i], batch[i].query);
    }
    return histories;
}

}  // namespace chatflow::chat
