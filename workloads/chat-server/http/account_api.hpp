#pragma once

#include "libs/async/clock.hpp"
#include "libs/auth/signing_keys.hpp"
#include "libs/base/log.hpp"
#include "libs/http/router.hpp"
#include "workloads/chat-server/domain/uuid.hpp"
#include "workloads/chat-server/http/gate.hpp"
#include "workloads/chat-server/io/account_repository.hpp"
#include "workloads/chat-server/io/answer_cache.hpp"

namespace chatflow::chat {

class Metrics;
class PasswordHasher;

/// /api/v1/auth, /api/v1/users and the public keys: sign-up, log-in, renewal, profiles, bans. One
/// executor only.
class AccountApi {
 public:
    /// All outlive it.
    AccountApi(Clock& clock, AccountRepository& accounts, PasswordHasher& hasher,
               const auth::SigningKeys& keys, const TokenSettings& tokens, AnswerCache& answers,
               Metrics& metrics, Log log);

    void add_routes(http::Router& router, Gate& gate);

 private:
    awaitable<http::Response> sign_up(const http::Request& request);
    awaitable<http::Response> log_in(const http::Request& request);
    awaitable<http::Response> renew(const http::Request& request);
    awaitable<http::Response> log_out(const http::Request& request);
    awaitable<http::Response> show_keys(const http::Request& request);
    awaitable<http::Response> show_me(const http::Request& request, const Identity& who);
    awaitable<http::Response> change_me(const http::Request& request, const Identity& who);
    awaitable<http::Response> show_user(const http::Request& request, const Identity& who);
    awaitable<http::Response> ban(const http::Request& request, const Identity& who);
    awaitable<http::Response> lift_ban(const http::Request& request, const Identity& who);

    awaitable<bool> is_password(const std::optional<Credentials>& found, std::string password);
    awaitable<void> hash_anew(const Credentials& found, std::string password, Deadline deadline);
    awaitable<http::Response> open_session(int status, const User& user, Deadline deadline);
    [[nodiscard]] http::Response session_response(int status, const User& user,
                                                  const RefreshToken& refresh);

    Clock& clock_;
    AccountRepository& accounts_;
    PasswordHasher& hasher_;
    const auth::SigningKeys& keys_;
    const TokenSettings& tokens_;
    AnswerCache& answers_;
    Metrics& metrics_;
    Log log_;
    UuidGenerator ids_;
};

}  // namespace chatflow::chat
