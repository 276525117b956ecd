#include "workloads/chat-server/http/authenticator.hpp"

#include "libs/auth/jwt.hpp"
#include "workloads/chat-server/io/ban_list.hpp"

#include <chrono>
#include <cstddef>
#include <utility>

namespace chatflow::chat {
namespace {

constexpr std::size_t kGenerationMax = 10'000;  // tokens, some 600 bytes each

double seconds_of(TimePoint at) {
    return std::chrono::duration<double>(at.time_since_epoch()).count();
}

}  // namespace

Authenticator::Authenticator(const auth::KeySet& keys, auth::TokenRules rules, const BanList& bans)
    : keys_(keys), rules_(std::move(rules)), bans_(bans) {}

std::expected<Identity, Rejection> Authenticator::authenticate(std::string_view authorization,
                                                               TimePoint now) {
    if (authorization.empty()) return std::unexpected(Rejection::NoToken);
    const auto bearer = bearer_token(authorization);
    if (!bearer || bearer->size() > auth::kTokenBytesMax) {
        return std::unexpected(Rejection::BadToken);
    }
    const std::string token(*bearer);
    const Known* known = find(token);
    if (known == nullptr) {
        const auto claims = auth::verify(token, keys_, rules_, now);
        if (!claims) {
            return std::unexpected(claims.error() == auth::TokenError::Expired
                                       ? Rejection::ExpiredToken
                                       : Rejection::BadToken);
        }
        auto identity = identity_of(*claims);
        if (!identity) return std::unexpected(Rejection::BadToken);
        known = &remember(token, {std::move(*identity), claims->expires_at.value_or(0)});
    }
    const double leeway = std::chrono::duration<double>(rules_.leeway).count();
    if (seconds_of(now) >= known->expires_at + leeway) {
        return std::unexpected(Rejection::ExpiredToken);
    }
    if (bans_.is_banned(known->identity.user_id)) return std::unexpected(Rejection::Banned);
    return known->identity;
}

const Authenticator::Known* Authenticator::find(const std::string& token) {
    const auto young = young_.find(token);
    if (young != young_.end()) return &young->second;
    const auto old = old_.find(token);
    if (old == old_.end()) return nullptr;
    return &remember(token, Known(old->second));
}

const Authenticator::Known& Authenticator::remember(const std::string& token, Known known) {
    if (young_.size() >= kGenerationMax) {
        old_ = std::move(young_);
        young_.clear();
    }
    return young_.insert_or_assign(token, std::move(known)).first->second;
}

}  // namespace chatflow::chat
