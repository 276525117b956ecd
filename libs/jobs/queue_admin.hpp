#pragma once

#include "libs/jobs/job.hpp"
#include "libs/jobs/queue_keys.hpp"
#include "libs/redis/client.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::jobs {

/// How full a queue is.
struct QueueState {
    std::int64_t waiting = 0;
    std::int64_t active = 0;
    std::int64_t delayed = 0;
    std::int64_t prioritized = 0;
    std::int64_t completed = 0;
    std::int64_t failed = 0;
    std::int64_t waiting_children = 0;
    bool is_paused = false;
    std::optional<Milliseconds> oldest;  // since when the oldest waits

    bool operator==(const QueueState&) const = default;
};

/// Looking at a queue and steering it. One executor only. All throw redis::Error.
class QueueAdmin {
 public:
    QueueAdmin(redis::Client& client, const QueueKeys& keys)
        : client_(client), base_{keys.base()} {}

    [[nodiscard]] awaitable<QueueState> state(Deadline deadline);
    [[nodiscard]] awaitable<std::optional<Job>> find(std::string id, Deadline deadline);

    /// Failed jobs, the oldest first, begin anew. How many.
    [[nodiscard]] awaitable<std::int64_t> redrive(std::int64_t count_max, Deadline deadline);
    /// One failed job begins anew.
    [[nodiscard]] awaitable<bool> redrive_one(std::string id, Deadline deadline);

    /// Workers take no more jobs, or do again. False when that was so already.
    [[nodiscard]] awaitable<bool> set_paused(bool is_paused, Deadline deadline);

    /// Takes a job out that has not begun; false when there is none, or it runs or is done.
    [[nodiscard]] awaitable<bool> remove(std::string id, Deadline deadline);

 private:
    redis::Client& client_;
    std::vector<std::string> base_;
};

}  // namespace chatflow::jobs
