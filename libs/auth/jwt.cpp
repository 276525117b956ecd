#include "libs/auth/jwt.hpp"

#include "libs/auth/strict_json.hpp"
#include "libs/base/base64.hpp"

#include <cmath>

namespace chatflow::auth {
namespace {

using nlohmann::json;

std::optional<json> decode_object(std::string_view part) {
    const auto bytes = decode_base64url(part);
    return bytes ? parse_strict_object(*bytes) : std::nullopt;
}

// Members of a wrong kind make the token malformed: leaving them out would be trusting a guess.
bool read_text(const json& object, const char* name, std::string& place) {
    const auto found = object.find(name);
    if (found == object.end()) return true;
    if (!found->is_string()) return false;
    place = found->get<std::string>();
    return true;
}

bool read_date(const json& object, const char* name, std::optional<double>& place) {
    const auto found = object.find(name);
    if (found == object.end()) return true;
    if (!found->is_number()) return false;
    place = found->get<double>();
    return std::isfinite(*place);
}

bool read_audience(const json& object, std::vector<std::string>& place) {
    const auto found = object.find("aud");
    if (found == object.end()) return true;
    if (found->is_string()) {
        place.push_back(found->get<std::string>());
        return true;
    }
    if (!found->is_array()) return false;
    for (const json& entry : *found) {
        if (!entry.is_string()) return false;
        place.push_back(entry.get<std::string>());
    }
    return true;
}

std::expected<Claims, TokenError> read_claims(std::string_view part) {
    const auto object = decode_object(part);
    if (!object) return std::unexpected(TokenError::Malformed);
    Claims claims;
    const bool is_well_formed =
        read_text(*object, "sub", claims.subject) && read_text(*object, "iss", claims.issuer) &&
        read_date(*object, "exp", claims.expires_at) &&
        read_date(*object, "nbf", claims.not_before) && read_audience(*object, claims.audience);
    if (!is_well_formed) return std::unexpected(TokenError::Malformed);
    claims.json = object->dump();
    return claims;
}

}  // namespace

std::string_view to_string(TokenError error) {
    switch (error) {
        case TokenError::Malformed:
            return "Malformed";
        case TokenError::UnsupportedAlgorithm:
            return "UnsupportedAlgorithm";
        case TokenError::UnsupportedHeader:
            return "UnsupportedHeader";
        case TokenError::UnknownKey:
            return "UnknownKey";
        case TokenError::BadSignature:
            return "BadSignature";
        case TokenError::MissingExpiry:
            return "MissingExpiry";
        case TokenError::Expired:
            return "Expired";
        case TokenError::NotYetValid:
            return "NotYetValid";
        case TokenError::WrongIssuer:
            return "WrongIssuer";
        case TokenError::WrongAudience:
            return "WrongAudience";
    }
    return "Malformed";
}

std::expected<UnverifiedToken, TokenError> parse_jwt(std::string_view text) {
    const auto malformed = std::unexpected(TokenError::Malformed);
    if (text.size() > kTokenBytesMax) return malformed;
    const auto first = text.find('.');
    if (first == std::string_view::npos) return malformed;
    const auto second = text.find('.', first + 1);
    if (second == std::string_view::npos) return malformed;
    if (text.find('.', second + 1) != std::string_view::npos) return malformed;

    const auto header = decode_object(text.substr(0, first));
    if (!header) return malformed;
    if (header->contains("crit")) return std::unexpected(TokenError::UnsupportedHeader);
    std::string algorithm_name;
    UnverifiedToken token;
    if (!read_text(*header, "alg", algorithm_name)) return malformed;
    if (!read_text(*header, "kid", token.key_id)) return malformed;
    const auto algorithm = algorithm_named(algorithm_name);
    if (!algorithm) return std::unexpected(TokenError::UnsupportedAlgorithm);
    token.algorithm = *algorithm;

    auto claims = read_claims(text.substr(first + 1, second - first - 1));
    if (!claims) return std::unexpected(claims.error());
    token.claims = std::move(*claims);
    auto signature = decode_base64url(text.substr(second + 1));
    if (!signature || signature->empty()) return malformed;
    token.signature = std::move(*signature);
    token.signed_text = text.substr(0, second);
    return token;
}

std::optional<std::string> text_claim(const Claims& claims, std::string_view name) {
    const auto object = json::parse(claims.json, nullptr, /*allow_exceptions=*/false);
    const auto found = object.find(name);
    if (!object.is_object() || found == object.end()) return std::nullopt;
    if (found->is_number_integer()) return found->dump();
    if (!found->is_string() || found->get_ref<const std::string&>().empty()) return std::nullopt;
    return found->get<std::string>();
}

}  // namespace chatflow::auth
