#pragma once

#include "libs/auth/key_set.hpp"
#include "libs/auth/verify.hpp"
#include "workloads/chat-server/domain/identity.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <unordered_map>

namespace chatflow::chat {

class BanList;

/// Why a request is not let in.
enum class Rejection { NoToken, BadToken, ExpiredToken, Banned };

/// Tells who sends a request, by its access token. Remembers tokens that it has verified, so that a
/// signature is checked once and not at each request. One executor only.
class Authenticator {
 public:
    /// `keys` and `bans` outlive it.
    Authenticator(const auth::KeySet& keys, auth::TokenRules rules, const BanList& bans);

    [[nodiscard]] std::expected<Identity, Rejection> authenticate(std::string_view authorization,
                                                                  TimePoint now);

 private:
    struct Known {
        Identity identity;
        double expires_at;  // seconds since 1970
    };
    using KnownTokens = std::unordered_map<std::string, Known>;

    [[nodiscard]] const Known* find(const std::string& token);
    const Known& remember(const std::string& token, Known known);

    const auth::KeySet& keys_;
    auth::TokenRules rules_;
    const BanList& bans_;
    // Two generations: when the young one is full it becomes the old one, and the old one goes.
    KnownTokens young_;
    KnownTokens old_;
};

}  // namespace chatflow::chat
