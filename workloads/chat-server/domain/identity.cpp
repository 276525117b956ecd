#include "workloads/chat-server/domain/identity.hpp"

#include "libs/auth/jwt.hpp"
#include "libs/base/base64.hpp"
#include "workloads/chat-server/domain/uuid.hpp"

#include <cstddef>

#include <nlohmann/json.hpp>

namespace chatflow::chat {
namespace {

constexpr std::size_t kSecretCharacters = 43;  // 32 bytes
constexpr std::size_t kUuidCharacters = 36;

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
        if (c != lower[i]) return false;
    }
    return true;
}

}  // namespace

std::string access_claims(const Identity& identity, const TokenSettings& settings, TimePoint now) {
    const auto issued = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    return nlohmann::json{{"iss", settings.issuer},
                          {"sub", identity.user_id},
                          {"userId", identity.user_id},
                          {"role", to_string(identity.role)},
                          {"sid", identity.session_id},
                          {"iat", issued.count()},
                          {"exp", (issued + settings.access_time).count()}}
        .dump();
}

std::optional<Identity> identity_of(const auth::Claims& claims) {
    const auto user = auth::text_claim(claims, "userId");
    const auto session = auth::text_claim(claims, "sid");
    const auto role = auth::text_claim(claims, "role");
    const auto known_role = role ? role_named(*role) : std::nullopt;
    if (!user || !is_uuid(*user) || !session || !is_uuid(*session) || !known_role) {
        return std::nullopt;
    }
    return Identity{.user_id = *user, .session_id = *session, .role = *known_role};
}

std::optional<std::string_view> bearer_token(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";  // RFC 9110 §11.1: its case does not matter
    if (!equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
        return std::nullopt;
    }
    authorization.remove_prefix(kScheme.size());
    while (authorization.starts_with(' ')) authorization.remove_prefix(1);
    if (authorization.empty()) return std::nullopt;
    return authorization;
}

std::string to_string(const RefreshToken& token) { return token.session_id + '.' + token.secret; }

std::optional<RefreshToken> parse_refresh_token(std::string_view text) {
    if (text.size() != kUuidCharacters + 1 + kSecretCharacters || text[kUuidCharacters] != '.') {
        return std::nullopt;
    }
    RefreshToken token{.session_id = std::string(text.substr(0, kUuidCharacters)),
                       .secret = std::string(text.substr(kUuidCharacters + 1))};
    if (!is_uuid(token.session_id) || !decode_base64url(token.secret)) return std::nullopt;
    return token;
}

}  // namespace chatflow::chat
