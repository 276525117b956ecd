#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"
#include "libs/rooms/room_store.hpp"
#include "workloads/socket/streams/positions.hpp"
#include "workloads/socket/streams/replay.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::socket {

class ShardReader;

/// What the reader tells its owner, in the order that clients must see.
struct RoomListener {
    /// Deliver to the room's local members. `positions` includes this message.
    std::function<void(const std::string& room, const rooms::RoomMessage& message,
                       const Positions& positions)>
        on_message;
    /// Messages were lost that no log holds: the members must fetch anew.
    std::function<void(const std::string& room)> on_loss;
    /// A message on one of the channels of Node's sharded adapter, as its publisher wrote it.
    std::function<void(std::string_view channel, std::string_view payload)> on_foreign;
};

struct ReaderFigures {
    std::uint64_t messages = 0;
    std::uint64_t repeats = 0;
    std::uint64_t gaps = 0;    // noticed
    std::uint64_t filled = 0;  // messages that were read from a log to close one
    std::uint64_t losses = 0;
};

/// Reads the rooms that have local members: one connection per shard, which gets each room's
/// notices by sharded pub/sub. Gaps are noticed on every message and filled from the room's log
/// before anything later of the shard is delivered. One executor.
class RoomReader {
 public:
    /// `foreign_prefix`: also listen to PREFIX#/#room#, the channels of Node's sharded adapter;
    /// empty: not. What is referred to outlives the reader.
    RoomReader(asio::any_io_executor executor, rooms::RoomStore& store, RoomListener listener,
               Log log, std::string foreign_prefix = "");
    ~RoomReader();
    RoomReader(const RoomReader&) = delete;
    RoomReader& operator=(const RoomReader&) = delete;

    /// Until cancelled. Redis may come and go meanwhile; nothing that its logs hold is missed.
    [[nodiscard]] awaitable<void> run();

    /// From when it returns, each later message of the room is delivered, until unsubscribe() was
    /// called as often. Throws redis::Unavailable at the deadline; it is not subscribed then.
    [[nodiscard]] awaitable<void> subscribe(std::string room, Deadline deadline);
    void unsubscribe(const std::string& room);

    /// The room's last delivered message; 0: none. Of a room that is subscribed.
    [[nodiscard]] rooms::MessageId last(const std::string& room) const;

    [[nodiscard]] const Positions& positions() const { return positions_; }
    [[nodiscard]] bool is_connected() const;
    [[nodiscard]] ReaderFigures figures() const;

    /// Notes what is delivered to some rooms as long as it lives: see plan_replay.
    class Collector {
     public:
        Collector(RoomReader& reader, std::set<std::string> rooms, std::size_t count_max);
        ~Collector();
        Collector(const Collector&) = delete;
        Collector& operator=(const Collector&) = delete;

        [[nodiscard]] const std::vector<RoomEvent>& events() const { return events_; }
        /// There was more than it may hold; the events are not all.
        [[nodiscard]] bool has_overflowed() const { return has_overflowed_; }

     private:
        friend class RoomReader;
        RoomReader& reader_;
        std::set<std::string> rooms_;
        std::size_t count_max_;
        std::vector<RoomEvent> events_;
        bool has_overflowed_ = false;
        std::list<Collector*>::iterator place_;
    };

 private:
    friend class ShardReader;
    void deliver(std::size_t shard, const std::string& room, const rooms::RoomMessage& message);
    [[nodiscard]] ShardReader& shard_of(std::string_view room) const;

    asio::any_io_executor executor_;
    rooms::RoomStore& store_;
    RoomListener listener_;
    Positions positions_;
    std::vector<std::unique_ptr<ShardReader>> shards_;
    std::list<Collector*> collectors_;
};

}  // namespace chatflow::socket
