#include "libs/auth/verify.hpp"

#include "libs/auth/signature.hpp"

#include <algorithm>
#include <optional>

namespace chatflow::auth {
namespace {

std::optional<TokenError> objection(const Claims& claims, const TokenRules& rules, TimePoint now) {
    using Seconds = std::chrono::duration<double>;
    const double at = Seconds(now.time_since_epoch()).count();
    const double leeway = Seconds(rules.leeway).count();
    if (!claims.expires_at && rules.expiry_required) return TokenError::MissingExpiry;
    // RFC 7519 §4.1.4: not accepted "on or after" that moment.
    if (claims.expires_at && at >= *claims.expires_at + leeway) return TokenError::Expired;
    if (claims.not_before && at < *claims.not_before - leeway) return TokenError::NotYetValid;
    if (!rules.issuer.empty() && claims.issuer != rules.issuer) return TokenError::WrongIssuer;
    if (!rules.audience.empty() && !std::ranges::contains(claims.audience, rules.audience)) {
        return TokenError::WrongAudience;
    }
    return std::nullopt;
}

}  // namespace

std::expected<Claims, TokenError> verify(std::string_view text, const KeySet& keys,
                                         const TokenRules& rules, TimePoint now) {
    auto token = parse_jwt(text);
    if (!token) return std::unexpected(token.error());
    const auto candidates = keys.candidates(token->key_id, token->algorithm);
    if (candidates.empty()) return std::unexpected(TokenError::UnknownKey);
    const auto signed_by = [&](const Key* key) {
        return is_signature_of(token->signed_text, token->signature, token->algorithm, *key);
    };
    if (std::ranges::none_of(candidates, signed_by)) {
        return std::unexpected(TokenError::BadSignature);
    }
    if (const auto error = objection(token->claims, rules, now)) return std::unexpected(*error);
    return std::move(token->claims);
}

}  // namespace chatflow::auth
