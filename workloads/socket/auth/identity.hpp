#pragma once

#include "libs/auth/key_set.hpp"
#include "libs/auth/verify.hpp"
#include "libs/base/time.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::socket {

/// Who a connection belongs to, as its token says.
struct Identity {
    std::string user;
    std::optional<TimePoint> expires_at;

    bool operator==(const Identity&) const = default;
};

/// Why a connection is refused. Clients get the text of to_string and nothing more.
enum class Refusal {
    TokenMissing,
    TokenInvalid,
    KeyUnknown,  // "Invalid token" too, unless the keys have changed since they were read
    UserBanned,
    TooManyConnections
};

/// "Authentication required", "Invalid token", "Invalid or banned user", "Too many connections".
[[nodiscard]] std::string_view to_string(Refusal refusal);

struct TokenOptions {
    auth::TokenRules rules;
    std::string user_claim = "userId";  // else the subject
};

/// Longer user ids, and those that keys in Redis cannot hold, are refused.
inline constexpr std::size_t kUserBytesMax = 128;

/// Pure.
[[nodiscard]] std::expected<Identity, Refusal> identify(std::string_view token,
                                                        const auth::KeySet& keys,
                                                        const TokenOptions& options, TimePoint now);

}  // namespace chatflow::socket
