#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "workloads/socket/platform/session_record.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace chatflow::redis {
class Client;
}

namespace chatflow::socket {

/// Sessions in Redis, so that a client can go on at any gateway. One executor. Throws redis::Error.
class SessionStore {
 public:
    /// `kept_for`: how long after it was last put a session can be taken.
    SessionStore(redis::Client& redis, std::string prefix, std::chrono::seconds kept_for);

    [[nodiscard]] awaitable<void> put(std::string id, SessionRecord record, Deadline deadline);
    [[nodiscard]] awaitable<std::optional<SessionRecord>> find(std::string id, Deadline deadline);
    [[nodiscard]] awaitable<void> remove(std::string id, Deadline deadline);

 private:
    [[nodiscard]] std::string key(const std::string& id) const {
        return prefix_ + ":session:" + id;
    }

    redis::Client& redis_;
    std::string prefix_;
    std::string kept_for_;
};

}  // namespace chatflow::socket
