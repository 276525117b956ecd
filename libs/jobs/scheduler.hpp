#pragma once

#include "libs/jobs/producer.hpp"
#include "libs/jobs/schedule.hpp"

#include <string>
#include <vector>

namespace chatflow::jobs {

/// Jobs that come again by a schedule. Each job, when a worker begins it, makes the next one. One
/// executor only, that of the client, which outlives it.
class Scheduler {
 public:
    Scheduler(redis::Client& client, const QueueKeys& keys) : client_(client), base_{keys.base()} {}

    /// Makes the scheduler `id`, or changes it. False when its schedule has no moment to come.
    [[nodiscard]] awaitable<bool> upsert(std::string id, Schedule schedule, NewJob job,
                                         Deadline deadline);
    [[nodiscard]] awaitable<bool> remove(std::string id, Deadline deadline);

    /// `job` begins: its scheduler's next job is added, unless that was done already.
    [[nodiscard]] awaitable<void> advance(Job job, Deadline deadline);

 private:
    redis::Client& client_;
    std::vector<std::string> base_;
};

}  // namespace chatflow::jobs
