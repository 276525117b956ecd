#pragma once

#include "workloads/socket/auth/membership.hpp"

#include <chrono>
#include <string>

namespace chatflow::postgres {
class Pool;
}
namespace chatflow::redis {
class Client;
}

namespace chatflow::socket {

/// chat-server's tables rooms and room_members: a public room is everybody's, another its members'.
/// Answers are kept in Redis as member:<room>:<user> for a short while, so that a reconnect storm
/// does not reach PostgreSQL; with Redis away PostgreSQL is asked. One executor.
class PostgresMembership final : public Membership {
 public:
    PostgresMembership(postgres::Pool& pool, redis::Client& redis,
                       std::chrono::seconds kept_for = std::chrono::seconds(30));

    /// Throws what postgres::Pool::run throws.
    [[nodiscard]] awaitable<bool> may_join(std::string user, std::string room,
                                           Deadline deadline) override;

 private:
    postgres::Pool& pool_;
    redis::Client& redis_;
    std::chrono::seconds kept_for_;
};

}  // namespace chatflow::socket
