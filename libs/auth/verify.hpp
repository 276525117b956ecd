#pragma once

#include "libs/auth/jwt.hpp"
#include "libs/auth/key_set.hpp"
#include "libs/base/time.hpp"

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

namespace chatflow::auth {

/// What a token must say besides being signed.
struct TokenRules {
    std::string issuer;              // empty: any
    std::string audience;            // empty: any; else one of the token's
    std::chrono::seconds leeway{5};  // clocks of two machines differ
    bool expiry_required = true;
};

/// The claims of a token that is signed by one of the keys and valid at `now`. Pure.
[[nodiscard]] std::expected<Claims, TokenError> verify(std::string_view token, const KeySet& keys,
                                                       const TokenRules& rules, TimePoint now);

}  // namespace chatflow::auth
