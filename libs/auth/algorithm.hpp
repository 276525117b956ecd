#pragma once

#include <optional>
#include <string_view>

namespace chatflow::auth {

/// The signature algorithms of RFC 7518 §3.1 and RFC 8037. "none" is not one of them.
enum class Algorithm {
    HS256,
    HS384,
    HS512,
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    ES512,
    EdDSA
};

struct AlgorithmName {
    Algorithm algorithm;
    std::string_view name;
};

inline constexpr AlgorithmName kAlgorithmNames[] = {
    {Algorithm::HS256, "HS256"}, {Algorithm::HS384, "HS384"}, {Algorithm::HS512, "HS512"},
    {Algorithm::RS256, "RS256"}, {Algorithm::RS384, "RS384"}, {Algorithm::RS512, "RS512"},
    {Algorithm::PS256, "PS256"}, {Algorithm::PS384, "PS384"}, {Algorithm::PS512, "PS512"},
    {Algorithm::ES256, "ES256"}, {Algorithm::ES384, "ES384"}, {Algorithm::ES512, "ES512"},
    {Algorithm::EdDSA, "EdDSA"}};

/// Names compare with case, as the RFC says: "none", "hs256" and "None" are all unknown.
[[nodiscard]] constexpr std::optional<Algorithm> algorithm_named(std::string_view name) {
    for (const auto& entry : kAlgorithmNames) {
        if (entry.name == name) return entry.algorithm;
    }
    return std::nullopt;
}

/// What keys of one kind can verify.
enum class KeyFamily { Secret, Rsa, EllipticCurve, Edwards };

[[nodiscard]] constexpr KeyFamily family_of(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::HS256:
        case Algorithm::HS384:
        case Algorithm::HS512:
            return KeyFamily::Secret;
        case Algorithm::RS256:
        case Algorithm::RS384:
        case Algorithm::RS512:
        case Algorithm::PS256:
        case Algorithm::PS384:
        case Algorithm::PS512:
            return KeyFamily::Rsa;
        case Algorithm::ES256:
        case Algorithm::ES384:
        case Algorithm::ES512:
            return KeyFamily::EllipticCurve;
        case Algorithm::EdDSA:
            return KeyFamily::Edwards;
    }
    return KeyFamily::Secret;
}

}  // namespace chatflow::auth
