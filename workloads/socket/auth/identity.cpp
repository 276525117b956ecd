#include "workloads/socket/auth/identity.hpp"

#include <algorithm>
#include <chrono>

namespace chatflow::socket {
namespace {

// Braces are hash tags, spaces and slashes part our own keys.
bool is_user_id(std::string_view id) {
    const auto is_odd = [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == '{' || c == '}' || c == 0x7f;
    };
    return !id.empty() && id.size() <= kUserBytesMax && std::ranges::none_of(id, is_odd);
}

// Times beyond what a TimePoint can say never come.
std::optional<TimePoint> moment(std::optional<double> seconds) {
    constexpr double kLatest = 1e11;
    if (!seconds || *seconds > kLatest) return std::nullopt;
    const std::chrono::duration<double> since_1970(*seconds);
    return TimePoint(std::chrono::duration_cast<std::chrono::microseconds>(since_1970));
}

}  // namespace

std::string_view to_string(Refusal refusal) {
    switch (refusal) {
        case Refusal::TokenMissing:
            return "Authentication required";
        case Refusal::TokenInvalid:
        case Refusal::KeyUnknown:
            return "Invalid token";
        case Refusal::UserBanned:
            return "Invalid or banned user";
        case Refusal::TooManyConnections:
            return "Too many connections";
    }
    return "Invalid token";
}

std::expected<Identity, Refusal> identify(std::string_view token, const auth::KeySet& keys,
                                          const TokenOptions& options, TimePoint now) {
    if (token.empty()) return std::unexpected(Refusal::TokenMissing);
    const auto claims = auth::verify(token, keys, options.rules, now);
    if (!claims && claims.error() == auth::TokenError::UnknownKey) {
        return std::unexpected(Refusal::KeyUnknown);
    }
    if (!claims) return std::unexpected(Refusal::TokenInvalid);
    auto user = auth::text_claim(*claims, options.user_claim);
    if (!user && !claims->subject.empty()) user = claims->subject;
    if (!user || !is_user_id(*user)) return std::unexpected(Refusal::TokenInvalid);
    return Identity{std::move(*user), moment(claims->expires_at)};
}

}  // namespace chatflow::socket
