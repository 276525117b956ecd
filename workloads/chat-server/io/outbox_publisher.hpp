#pragma once

#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"
#include "libs/rooms/room_store.hpp"
#include "workloads/chat-server/io/outbox_repository.hpp"
#include "workloads/chat-server/io/replica_wait.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chatflow::chat {

class Metrics;

/// Tells rooms and gateways what was written for them: reads the outbox, publishes to Redis,
/// deletes. One pod at a time does it, and nothing goes to a room before what came earlier and was
/// refused, so a room hears everything in the order of its changes. What could not be published
/// stays; what was published and not deleted is told once all the same. One executor.
class OutboxPublisher {
 public:
    /// `redis` is the client of the executor that runs it.
    OutboxPublisher(OutboxRepository& outbox, redis::Client& redis, Metrics& metrics, Log log);

    /// Until cancelled.
    [[nodiscard]] awaitable<void> run();

 private:
    enum class Outcome { Idle, Busy, Waiting, Away };
    awaitable<Outcome> publish_some();
    awaitable<Outcome> publish_all(std::vector<OutboxRow> rows);
    awaitable<bool> is_settled();
    awaitable<void> shorten_names(const std::vector<OutboxRow>& rows);
    awaitable<void> publish_in_order(std::vector<const OutboxRow*> rows, Deadline deadline,
                                     std::vector<std::int64_t>& published);
    awaitable<bool> publish_one(const OutboxRow& row, Deadline deadline);
    awaitable<void> tell_room(const OutboxRow& row, Deadline deadline);
    awaitable<void> tell_gateways(const OutboxRow& row, Deadline deadline);

    OutboxRepository& outbox_;
    redis::Client& redis_;
    rooms::RoomStore rooms_;
    ReplicaWait replicas_;
    Metrics& metrics_;
    Log log_;
    Deadline next_lifting_ = Deadline::after({});
};

}  // namespace chatflow::chat
