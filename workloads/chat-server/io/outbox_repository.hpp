#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::postgres {
class Pool;
}

namespace chatflow::chat {

/// Something that a room is to be told, or all gateways.
struct OutboxRow {
    std::int64_t id = 0;
    std::string room_id;  // empty: all gateways
    std::string once;
    std::string event;                 // JSON: of a room ["name",{…}], else {"type":…,"userId":…}
    std::chrono::milliseconds age{0};  // since it was written, when it was read
};

/// The outbox and the lease of the pod that empties it. Throws what postgres::Pool::run throws.
class OutboxRepository {
 public:
    /// `holder`: this pod, a UUID. `notifies`: about direct messages, by jobs for the worker.
    OutboxRepository(postgres::Pool& pool, std::string holder, bool notifies);

    struct Batch {
        bool is_ours = false;  // whether this pod holds the lease
        std::vector<OutboxRow> rows;
    };
    /// Takes or renews the lease where it can be had, then reads the oldest rows in order.
    [[nodiscard]] awaitable<Batch> take(std::size_t count, Deadline deadline);
    /// Lifts the bans whose time is over, as far as this pod holds the lease.
    [[nodiscard]] awaitable<void> lift_ended_bans(Deadline deadline);
    /// Of what was told. A direct message leaves a job to notify the other.
    [[nodiscard]] awaitable<void> remove(std::vector<std::int64_t> ids, Deadline deadline);
    /// For another pod to go on at once.
    [[nodiscard]] awaitable<void> release(Deadline deadline);

 private:
    postgres::Pool& pool_;
    std::string holder_;
    bool notifies_;
};

}  // namespace chatflow::chat
