#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"
#include "libs/jobs/job_options.hpp"
#include "workloads/chat-server/io/replica_wait.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pqxx {
class transaction_base;
}
namespace chatflow::postgres {
class Pool;
}
namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// A job for a queue of the worker.
struct OutgoingJob {
    std::string queue;
    std::string name;
    std::string job_id;            // no digits alone: those are the queue's own
    std::string data;              // JSON
    std::string traceparent = {};  // of the request; goes into the data
};

/// Writes it within the transaction, so that there is a job if, and only if, that is committed.
void put_job(pqxx::transaction_base& transaction, const OutgoingJob& job);

/// Which options jobs of a name get; platform_job_options() where nothing is said.
using OptionsByName = std::map<std::string, jobs::JobOptions, std::less<>>;

/// Adds what was written by put_job() to the queues in Redis. Every pod does it; each job is in the
/// hands of one. What could not be added stays; what was added and not deleted is added again and,
/// by its id, is the same job. One executor, that of the client.
class JobOutbox {
 public:
    JobOutbox(postgres::Pool& pool, redis::Client& redis, OptionsByName options, Log log);

    /// Until cancelled.
    [[nodiscard]] awaitable<void> run();

 private:
    struct Row {
        std::int64_t id = 0;
        OutgoingJob job;
    };
    awaitable<std::size_t> hand_over_some();
    awaitable<std::vector<Row>> claim(Deadline deadline);
    awaitable<void> remove(std::vector<std::int64_t> ids, Deadline deadline);

    postgres::Pool& pool_;
    redis::Client& redis_;
    ReplicaWait replicas_;
    OptionsByName options_;
    Log log_;
};

}  // namespace chatflow::chat
