#pragma once

#include "libs/async/awaitable.hpp"
#include "workloads/chat-server/domain/health.hpp"

#include <mutex>
#include <vector>

namespace chatflow::postgres {
class Pool;
}
namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// Which of the servers that a pod uses answer: looked at again and again on the executor of
/// `redis`, told to probes on any thread.
class DependencyWatch {
 public:
    /// `replicas` null: the primary serves reads too.
    DependencyWatch(const postgres::Pool& primary, const postgres::Pool* replicas,
                    const redis::Client& redis);

    /// Until cancelled.
    [[nodiscard]] awaitable<void> run();

    /// As last looked at.
    [[nodiscard]] std::vector<Dependency> seen() const;

 private:
    void look();

    const postgres::Pool& primary_;
    const postgres::Pool* replicas_;
    const redis::Client& redis_;
    mutable std::mutex mutex_;
    std::vector<Dependency> seen_;  // guarded by the mutex
};

}  // namespace chatflow::chat
