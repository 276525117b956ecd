#include "workloads/chat-server/io/room_repository.hpp"

#include "libs/postgres/reads.hpp"
#include "workloads/chat-server/io/rows.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <string_view>
#include <unordered_map>
#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

// Null where authentication is off.
std::optional<std::string> user_or_null(const std::string& user_id) {
    if (user_id.empty()) return std::nullopt;
    return user_id;
}

std::optional<Room> one_room(const pqxx::result& rows) {
    if (rows.empty()) return std::nullopt;
    return room_from(rows[0]);
}

RoomPage page_of(const pqxx::result& rows, int limit) {
    RoomPage page;
    page.has_more = rows.size() > limit;
    for (const auto& row : rows) {
        if (std::cmp_less(page.rooms.size(), limit)) page.rooms.push_back(room_from(row));
    }
    return page;
}

// The room of each id; an id may be asked for twice.
std::vector<std::optional<Room>> in_order(const pqxx::result& rows,
                                          const std::vector<std::string>& ids) {
    std::unordered_map<std::string_view, pqxx::result::size_type> row_of;
    for (pqxx::result::size_type i = 0; i < rows.size(); ++i) row_of[rows[i][0].view()] = i;
    std::vector<std::optional<Room>> rooms(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto row = row_of.find(ids[i]);
        if (row != row_of.end()) rooms[i] = room_from(rows[row->second]);
    }
    return rooms;
}

}  // namespace

RoomRepository::RoomRepository(asio::any_io_executor executor, postgres::Pool& pool,
                               postgres::Reads& reads)
    : pool_(pool),
      reads_(reads),
      finds_(executor, {}, [this](std::vector<std::string> ids, Deadline deadline) {
          return find_batch(std::move(ids), deadline);
      }) {}

awaitable<Room> RoomRepository::insert(std::string id, NewRoom room, std::string creator,
                                       Deadline deadline) {
    auto insert = [id = std::move(id), room = std::move(room),
                   creator = std::move(creator)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{id, room.name, room.topic, std::string(to_string(room.kind)),
                                  user_or_null(creator)};
        const auto made = query.exec(pqxx::prepped{kInsertRoom}, values);
        if (!made.empty()) return room_from(made[0]);
        const std::vector<std::string> ids{id};  // an earlier attempt at the same request made it
        return room_from(query.exec(pqxx::prepped{kFindRooms}, pqxx::params{ids}).one_row());
    };
    return pool_.run(std::move(insert), deadline);
}

awaitable<std::optional<RoomRepository::Direct>> RoomRepository::open_direct(std::string id,
                                                                             std::string one,
                                                                             std::string other,
                                                                             Deadline deadline) {
    auto open = [id = std::move(id), one = std::move(one),
                 other = std::move(other)](pqxx::connection& connection) -> std::optional<Direct> {
        pqxx::nontransaction query(connection);
        try {
            const pqxx::params values{id, one, other};
            const auto made = query.exec(pqxx::prepped{kInsertDirectRoom}, values);
            if (!made.empty()) return Direct{.room = room_from(made[0]), .is_new = true};
        } catch (const pqxx::foreign_key_violation&) {
            return std::nullopt;
        }
        const auto there = query.exec(pqxx::prepped{kFindDirectRoom}, pqxx::params{one, other});
        return Direct{.room = room_from(there.one_row())};
    };
    return pool_.run(std::move(open), deadline);
}

awaitable<std::optional<Room>> RoomRepository::update(std::string id, RoomChange change,
                                                      Deadline deadline) {
    auto update = [id = std::move(id), change = std::move(change)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{id, change.name, change.topic};
        return one_room(query.exec(pqxx::prepped{kUpdateRoom}, values));
    };
    return pool_.run(std::move(update), deadline);
}

awaitable<std::optional<Room>> RoomRepository::find(std::string id, Deadline deadline) {
    return finds_.ask(std::move(id), deadline);
}

awaitable<std::vector<std::optional<Room>>> RoomRepository::find_batch(std::vector<std::string> ids,
                                                                       Deadline deadline) {
    auto find = [ids = std::move(ids)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        return in_order(query.exec(pqxx::prepped{kFindRooms}, pqxx::params{ids}), ids);
    };
    return pool_.run(std::move(find), deadline);
}

awaitable<RoomPage> RoomRepository::list(RoomsQuery rooms, postgres::Lsn after_write,
                                         Deadline deadline) {
    auto list = [rooms = std::move(rooms)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        // One more than asked for tells whether there are more.
        const pqxx::params values{rooms.limit + 1, rooms.after, user_or_null(rooms.reader)};
        return page_of(query.exec(pqxx::prepped{kListRooms}, values), rooms.limit);
    };
    return reads_.run(std::move(list), after_write, deadline);
}

}  // namespace chatflow::chat
