#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <string>

namespace chatflow::socket {

/// Who may be in which room. Implementations: everybody (OpenMembership), chat-server's tables
/// (PostgresMembership).
class Membership {
 public:
    virtual ~Membership() = default;

    /// Throws when it cannot be known now.
    [[nodiscard]] virtual awaitable<bool> may_join(std::string user, std::string room,
                                                   Deadline deadline) = 0;
};

/// Everybody may join every room: for platforms whose rooms are no secrets, and tests.
class OpenMembership final : public Membership {
 public:
    [[nodiscard]] awaitable<bool> may_join(std::string, std::string, Deadline) override {
        co_return true;
    }
};

}  // namespace chatflow::socket
