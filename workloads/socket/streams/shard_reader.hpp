#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/notification.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"
#include "libs/redis/reply.hpp"
#include "libs/rooms/room_message.hpp"
#include "workloads/socket/streams/room_reader.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace chatflow::redis {
class Connection;
}

namespace chatflow::socket {

/// The part of RoomReader that reads one shard.
class ShardReader {
 public:
    ShardReader(asio::any_io_executor executor, RoomReader& reader, std::size_t shard, Log log,
                std::string foreign_prefix);

    [[nodiscard]] awaitable<void> run();
    [[nodiscard]] awaitable<void> subscribe(std::string room, Deadline deadline);
    void unsubscribe(const std::string& room);
    [[nodiscard]] rooms::MessageId last(const std::string& room) const;
    [[nodiscard]] bool is_connected() const { return connection_ != nullptr; }
    [[nodiscard]] const ReaderFigures& figures() const { return figures_; }

 private:
    struct Room {
        std::size_t users = 0;
        bool is_asked_for = false;  // on this connection
        bool is_confirmed = false;  // Redis sends its notices
        bool is_placed = false;     // `last` is known: it may be delivered
        bool was_placed = false;    // on an earlier connection: what came since is read
        rooms::MessageId last = 0;
    };

    awaitable<void> serve();
    awaitable<void> write_commands(redis::Connection& connection);
    awaitable<void> watch(redis::Connection& connection);
    awaitable<void> take(redis::Reply reply);
    awaitable<void> take_notice(std::string room_name, rooms::RoomMessage message);
    awaitable<void> fill_gap(std::string room_name);
    awaitable<void> place_confirmed();
    awaitable<void> catch_up(std::vector<std::string> names);
    void begin(redis::Connection& connection);
    void confirm(std::string_view name);
    [[nodiscard]] std::vector<std::string> take_wanted();
    [[nodiscard]] std::vector<std::string> take_unused();
    void add_channels(std::vector<std::string>& channels, const std::string& name) const;
    void deliver(const std::string& name, Room& room, const rooms::RoomMessage& message);
    void lose(const std::string& name, Room& room);

    asio::any_io_executor executor_;
    RoomReader& reader_;
    std::size_t shard_;
    Log log_;
    std::string foreign_prefix_;
    std::unordered_map<std::string, Room> rooms_;
    std::vector<std::string> wanted_;                      // rooms to ask Redis for
    std::deque<std::pair<Deadline, std::string>> unused_;  // rooms without users, given up then
    redis::Connection* connection_ = nullptr;
    bool ping_is_due_ = false;
    Notification write_is_due_;
    Notification room_is_placed_;
    std::vector<std::string> confirmed_;  // rooms that wait to be placed
    std::size_t returning_ = 0;           // rooms of the last connection not confirmed on this one
    std::vector<std::pair<std::string, rooms::RoomMessage>> held_;  // of rooms not placed yet
    Deadline::Clock::time_point last_heard_;
    ReaderFigures figures_;
};

}  // namespace chatflow::socket
