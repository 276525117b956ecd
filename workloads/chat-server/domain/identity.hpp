#pragma once

#include "libs/base/time.hpp"
#include "libs/postgres/lsn.hpp"
#include "workloads/chat-server/domain/account.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::auth {
struct Claims;
}

namespace chatflow::chat {

/// Who sends a request, as the access token says.
struct Identity {
    std::string user_id;
    std::string session_id;
    Role role = Role::User;
    // What the sender has written is committed up to there: reads have to show it.
    postgres::Lsn written{};

    bool operator==(const Identity&) const = default;
};

/// What an access token is made with. The socket gateway asks for `userId`.
struct TokenSettings {
    std::string issuer = "chatflow";
    std::chrono::seconds access_time{900};
    std::chrono::seconds refresh_time{30L * 24 * 3600};

    bool operator==(const TokenSettings&) const = default;
};

/// The claims of an access token, as JSON: iss, sub and userId, role, sid, iat, exp.
[[nodiscard]] std::string access_claims(const Identity& identity, const TokenSettings& settings,
                                        TimePoint now);

/// Nothing when a claim is missing that each of our tokens has.
[[nodiscard]] std::optional<Identity> identity_of(const auth::Claims& claims);

/// The token of "Authorization: Bearer <token>"; nothing for another scheme or form.
[[nodiscard]] std::optional<std::string_view> bearer_token(std::string_view authorization);

/// A refresh token: the session it belongs to, and what proves that it is the newest one.
struct RefreshToken {
    std::string session_id;
    std::string secret;  // 43 characters of base64url: 256 random bits

    bool operator==(const RefreshToken&) const = default;
};

/// "<session>.<secret>"
[[nodiscard]] std::string to_string(const RefreshToken& token);
[[nodiscard]] std::optional<RefreshToken> parse_refresh_token(std::string_view text);

}  // namespace chatflow::chat
