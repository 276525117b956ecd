#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "workloads/chat-server/domain/account.hpp"
#include "workloads/chat-server/domain/identity.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::postgres {
class Pool;
}
namespace pqxx {
class connection;
}

namespace chatflow::chat {

/// What is needed to let a user in.
struct Credentials {
    User user;
    std::string password_hash;
    std::optional<Ban> ban;  // in force now
};

/// The outcome of showing a refresh token.
struct Renewal {
    std::optional<User> user;  // nothing: the token is not good, or the user is banned
    std::optional<Ban> ban;
    bool was_reused = false;  // an older token was shown again: the session has been ended
};

/// A place in the order of the changes.
struct BanPlace {
    TimePoint changed_at;
    std::string user_id;  // "": before the first of that time
};

/// A ban as it was changed.
struct BanChange {
    std::string user_id;
    std::optional<TimePoint> until;
    bool is_lifted = false;
    TimePoint changed_at;
};

/// Users, their sessions and bans in PostgreSQL. Throws what postgres::Pool::run throws. Any
/// executor.
class AccountRepository {
 public:
    explicit AccountRepository(postgres::Pool& pool) : pool_(pool) {}

    /// Nothing when somebody has the handle.
    [[nodiscard]] awaitable<std::optional<User>> insert(std::string id, SignUp sign_up,
                                                        std::string password_hash,
                                                        Deadline deadline);
    [[nodiscard]] awaitable<std::optional<Credentials>> find_credentials(std::string handle,
                                                                         Deadline deadline);
    [[nodiscard]] awaitable<std::optional<User>> find(std::string id, Deadline deadline);
    [[nodiscard]] awaitable<std::optional<User>> rename(std::string id, std::string display_name,
                                                        Deadline deadline);
    [[nodiscard]] awaitable<void> replace_password_hash(std::string id, std::string old_hash,
                                                        std::string new_hash, Deadline deadline);

    [[nodiscard]] awaitable<void> open_session(RefreshToken token, std::string user_id,
                                               std::chrono::seconds life, Deadline deadline);
    /// Puts a new secret into the place of the old one. The one before is good for ten seconds
    /// more, for a client whose answer was lost; shown later, it ends the session.
    [[nodiscard]] awaitable<Renewal> renew_session(RefreshToken token, std::string new_secret,
                                                   std::chrono::seconds life, Deadline deadline);
    [[nodiscard]] awaitable<void> close_session(RefreshToken token, Deadline deadline);

    /// Sessions that nobody can renew any more, kSessionsPiece at most; how many.
    static constexpr int kSessionsPiece = 1'000;
    [[nodiscard]] awaitable<int> remove_expired_sessions(Deadline deadline);

    /// Bans, ends all sessions and has the gateways told, in one transaction.
    [[nodiscard]] awaitable<void> ban(Ban ban, std::string banned_by, Deadline deadline);
    /// False when no ban is in force.
    [[nodiscard]] awaitable<bool> lift_ban(std::string user_id, std::string lifted_by,
                                           Deadline deadline);
    /// Those after this place, by time and then by user, kBanChangesMax at most.
    static constexpr std::size_t kBanChangesMax = 1'000;
    [[nodiscard]] awaitable<std::vector<BanChange>> bans_changed_after(BanPlace place,
                                                                       Deadline deadline);

 private:
    postgres::Pool& pool_;
};

/// Makes a user an admin, or what else; his id, nothing when nobody has the handle. For the command
/// line.
[[nodiscard]] std::optional<std::string> set_role(pqxx::connection& connection,
                                                  const std::string& handle, Role role);

}  // namespace chatflow::chat
