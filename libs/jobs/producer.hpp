#pragma once

#include "libs/jobs/job_options.hpp"
#include "libs/jobs/queue_keys.hpp"
#include "libs/redis/client.hpp"

#include <string>
#include <vector>

namespace chatflow::jobs {

/// A job to be added.
struct NewJob {
    std::string name;
    std::string data = "{}";  // JSON
    JobOptions options = {};
};

/// Adds jobs to a queue that our workers and BullMQ's take them from. One executor only, that of
/// the client, which outlives it.
class Producer {
 public:
    Producer(redis::Client& client, QueueKeys keys);

    /// The job's id; of an older job when this one is its duplicate. Throws redis::Error, and
    /// after Unavailable or Timeout the job may have been added: give it an id to add it once.
    [[nodiscard]] awaitable<std::string> add(NewJob job, Deadline deadline);

    /// All or none, in their order; at most kBatchMax (std::length_error).
    [[nodiscard]] awaitable<std::vector<std::string>> add_all(std::vector<NewJob> jobs,
                                                              Deadline deadline);

    static constexpr std::size_t kBatchMax = 500;  // 14 arguments each, below Lua's stack

 private:
    redis::Client& client_;
    std::vector<std::string> base_;
};

}  // namespace chatflow::jobs
