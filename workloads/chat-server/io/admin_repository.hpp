#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/postgres/lsn.hpp"
#include "workloads/chat-server/domain/account.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::postgres {
class Pool;
class Reads;
}  // namespace chatflow::postgres

namespace chatflow::chat {

/// What admins do with accounts; each change is in the audit log. Throws what postgres::Pool::run
/// throws. Any executor.
class AdminRepository {
 public:
    AdminRepository(postgres::Pool& pool, postgres::Reads& reads) : pool_(pool), reads_(reads) {}

    /// By handle from `after` on, those that begin with `prefix`; one more than the limit when
    /// there are more.
    [[nodiscard]] awaitable<std::vector<User>> users(std::string prefix, std::string after,
                                                     int limit, postgres::Lsn after_write,
                                                     Deadline deadline);
    /// The new role is in the next access token: the sessions end. Nothing when there is no such
    /// user.
    [[nodiscard]] awaitable<std::optional<User>> set_role(std::string user_id, Role role,
                                                          std::string by, Deadline deadline);
    /// How many sessions were ended.
    [[nodiscard]] awaitable<int> end_sessions(std::string user_id, std::string by,
                                              Deadline deadline);

 private:
    postgres::Pool& pool_;
    postgres::Reads& reads_;
};

}  // namespace chatflow::chat
