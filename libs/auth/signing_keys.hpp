#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace chatflow::auth {

/// More keys in one file are refused.
inline constexpr std::size_t kSigningKeysMax = 8;

/// Private keys that tokens are signed with: the first signs, the public parts of all verify. To
/// rotate, put the new key before the old one, and take the old one away when its tokens have
/// expired. Immutable; any thread.
class SigningKeys {
 public:
    /// One or more "PRIVATE KEY" blocks (PKCS #8, not encrypted): Ed25519, or EC on P-256. The
    /// error says what is expected, and never shows the text.
    [[nodiscard]] static std::expected<SigningKeys, std::string> from_pem(const std::string& pem);

    /// The compact form of a JWT: EdDSA or ES256 over these claims, a JSON object. Throws
    /// std::runtime_error when OpenSSL refuses.
    [[nodiscard]] std::string sign(std::string_view claims) const;

    /// The public keys as a JWKS document. A key's kid is the thumbprint of RFC 7638.
    [[nodiscard]] const std::string& jwks() const { return jwks_; }

 private:
    struct SigningKey {
        std::shared_ptr<evp_pkey_st> key;
        std::string id;
        bool is_edwards;
    };
    explicit SigningKeys(std::vector<SigningKey> keys);

    std::vector<SigningKey> keys_;
    std::string jwks_;
    std::string header_;  // of the first key, encoded
};

}  // namespace chatflow::auth
