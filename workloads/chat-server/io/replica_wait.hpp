#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

namespace chatflow::redis {
class Client;
}

namespace chatflow::chat {

/// Before what was handed over to Redis is deleted here: a master that dies takes along what its
/// replicas do not have yet. One executor, that of the client.
class ReplicaWait {
 public:
    explicit ReplicaWait(redis::Client& redis) : redis_(redis) {}

    /// Until one replica has what was written before, if there is any; 100 ms at the most, since a
    /// replica that is slow must not hold up the rest. Throws redis::Error: then nobody knows, and
    /// it is to be handed over again.
    [[nodiscard]] awaitable<void> settle();

 private:
    redis::Client& redis_;
    Deadline next_look_ = Deadline::at({});
    bool has_replica_ = false;
};

}  // namespace chatflow::chat
