#pragma once

#include "libs/auth/key_set.hpp"
#include "libs/auth/signing_keys.hpp"
#include "libs/auth/verify.hpp"
#include "workloads/chat-server/config.hpp"
#include "workloads/chat-server/io/account_repository.hpp"
#include "workloads/chat-server/io/ban_list.hpp"
#include "workloads/chat-server/io/password_hasher.hpp"

namespace chatflow::chat {

/// What authentication needs, shared by the event loops.
class Security {
 public:
    /// Throws std::invalid_argument when the signing keys cannot be used.
    Security(const Config& config, Clock& clock, postgres::Pool& pool, const Log& log);

    /// Follows the bans until cancelled.
    [[nodiscard]] awaitable<void> run() { return bans_.run(); }

    [[nodiscard]] const auth::SigningKeys& signing_keys() const { return signing_keys_; }
    [[nodiscard]] const auth::KeySet& public_keys() const { return public_keys_; }
    [[nodiscard]] const auth::TokenRules& token_rules() const { return token_rules_; }
    [[nodiscard]] AccountRepository& accounts() { return accounts_; }
    [[nodiscard]] PasswordHasher& hasher() { return hasher_; }
    [[nodiscard]] const BanList& bans() const { return bans_; }

 private:
    auth::SigningKeys signing_keys_;
    auth::KeySet public_keys_;
    auth::TokenRules token_rules_;
    AccountRepository accounts_;
    PasswordHasher hasher_;
    BanList bans_;
};

}  // namespace chatflow::chat
