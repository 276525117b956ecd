#pragma once

#include "libs/auth/algorithm.hpp"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::auth {

/// Longer tokens are refused before anything is decoded.
inline constexpr std::size_t kTokenBytesMax = 8192;

/// Why a token was refused. Clients hear less: see the callers.
enum class TokenError {
    Malformed,             // not three parts of base64url, or not JSON objects
    UnsupportedAlgorithm,  // alg is missing, "none", or unknown
    UnsupportedHeader,     // crit names an extension; none is understood
    UnknownKey,            // no key for this kid and algorithm
    BadSignature,
    MissingExpiry,
    Expired,
    NotYetValid,
    WrongIssuer,
    WrongAudience,
};

/// "BadSignature": for logs and metric labels.
[[nodiscard]] std::string_view to_string(TokenError error);

/// What a token says. Times are seconds since 1970, as RFC 7519's NumericDate.
struct Claims {
    std::string subject;
    std::string issuer;
    std::vector<std::string> audience;
    std::optional<double> expires_at;
    std::optional<double> not_before;
    std::string json;  // the whole claims object, for claims of the application's own

    bool operator==(const Claims&) const = default;
};

/// A token taken apart; nothing in it has been verified. Views into the parsed text.
struct UnverifiedToken {
    Algorithm algorithm = Algorithm::HS256;
    std::string key_id;  // empty: the header has no kid
    Claims claims;
    std::string signature;
    std::string_view signed_text;  // header.claims, as sent

    bool operator==(const UnverifiedToken&) const = default;
};

/// The compact form of RFC 7515 §3.1.
[[nodiscard]] std::expected<UnverifiedToken, TokenError> parse_jwt(std::string_view text);

/// A string or whole-number member of a claims object as text ("userId" may be either in existing
/// tokens); nothing when it is absent, empty or of another kind.
[[nodiscard]] std::optional<std::string> text_claim(const Claims& claims, std::string_view name);

}  // namespace chatflow::auth
