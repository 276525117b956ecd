#pragma once

#include "libs/async/awaitable.hpp"
#include "workloads/chat-server/domain/health.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace chatflow::postgres {
class Pool;
}
namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// Which of the things that a pod uses are up: looked at again and again on one executor, told to
/// probes on any thread.
class DependencyWatch {
 public:
    /// Looks, without asking; one executor only. `reason`: why not, while it is not up.
    struct Look {
        bool is_up = false;
        std::string reason;
    };

    /// Before run().
    void add(std::string name, bool is_required, std::function<Look()> look);
    void add(std::string name, bool is_required, const postgres::Pool& pool);
    void add(std::string name, bool is_required, const redis::Client& redis);

    /// Until cancelled.
    [[nodiscard]] awaitable<void> run();

    /// As last looked at.
    [[nodiscard]] std::vector<Dependency> seen() const;

 private:
    void look();

    std::vector<std::function<Look()>> looks_;
    mutable std::mutex mutex_;
    std::vector<Dependency> seen_;  // guarded by the mutex
};

}  // namespace chatflow::chat
