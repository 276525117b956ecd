#include "workloads/socket/streams/room_reader.hpp"

#include "workloads/socket/streams/shard_reader.hpp"

#include <algorithm>
#include <utility>

namespace chatflow::socket {

RoomReader::RoomReader(asio::any_io_executor executor, rooms::RoomStore& store,
                       RoomListener listener, Log log, std::string foreign_prefix)
    : executor_(std::move(executor)),
      store_(store),
      listener_(std::move(listener)),
      positions_(store.keys().shards) {
    for (std::size_t shard = 0; shard < positions_.shards(); ++shard) {
        shards_.push_back(
            std::make_unique<ShardReader>(executor_, *this, shard, log, foreign_prefix));
    }
}

RoomReader::~RoomReader() = default;

awaitable<void> RoomReader::run() {
    TaskGroup readers(executor_, [](const std::exception_ptr&) {});
    for (const auto& shard : shards_) readers.spawn(shard->run());
    std::exception_ptr end;
    try {
        co_await readers.wait();
    } catch (...) {
        end = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    readers.cancel();
    co_await readers.wait();
    if (end) std::rethrow_exception(end);
}

awaitable<void> RoomReader::subscribe(std::string room, Deadline deadline) {
    ShardReader& shard = shard_of(room);
    co_await shard.subscribe(std::move(room), deadline);
}

void RoomReader::unsubscribe(const std::string& room) { shard_of(room).unsubscribe(room); }

rooms::MessageId RoomReader::last(const std::string& room) const {
    return shard_of(room).last(room);
}

bool RoomReader::is_connected() const {
    return std::ranges::all_of(shards_, [](const auto& shard) { return shard->is_connected(); });
}

ReaderFigures RoomReader::figures() const {
    ReaderFigures sum;
    for (const auto& shard : shards_) {
        const auto& part = shard->figures();
        sum.messages += part.messages;
        sum.repeats += part.repeats;
        sum.gaps += part.gaps;
        sum.filled += part.filled;
        sum.losses += part.losses;
    }
    return sum;
}

void RoomReader::deliver(std::size_t shard, const std::string& room,
                         const rooms::RoomMessage& message) {
    if (!message.is_ephemeral()) {
        positions_.advance(shard, message.id);
        for (Collector* collector : collectors_) {
            if (!collector->rooms_.contains(room)) continue;
            if (collector->events_.size() < collector->count_max_) {
                collector->events_.push_back({room, message});
            } else {
                collector->has_overflowed_ = true;
            }
        }
    }
    listener_.on_message(room, message, positions_);
}

ShardReader& RoomReader::shard_of(std::string_view room) const {
    return *shards_[store_.keys().shard_of(room)];
}

RoomReader::Collector::Collector(RoomReader& reader, std::set<std::string> rooms,
                                 std::size_t count_max)
    : reader_(reader),
      rooms_(std::move(rooms)),
      count_max_(count_max),
      place_(reader.collectors_.insert(reader.collectors_.end(), this)) {}

RoomReader::Collector::~Collector() { reader_.collectors_.erase(place_); }

}  // namespace chatflow::socket
