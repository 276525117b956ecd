#pragma once

#include "libs/auth/algorithm.hpp"

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

struct evp_pkey_st;

namespace chatflow::auth {

/// One verification key. Its family is fixed when it is made, so that an RSA public key can never
/// be used as an HMAC secret. Immutable; any thread.
class Key {
 public:
    /// For HS256 to HS512, as far as the secret is at least as long as the hash. The error says
    /// what is wrong with it.
    [[nodiscard]] static std::expected<Key, std::string> from_secret(std::string_view secret);

    /// A JSON Web Key of kty oct, RSA, EC or OKP (Ed25519, Ed448).
    [[nodiscard]] static std::expected<Key, std::string> from_jwk(const nlohmann::json& jwk);

    /// A PEM file's "PUBLIC KEY".
    [[nodiscard]] static std::expected<Key, std::string> from_pem(const std::string& pem);

    /// Whether a signature of that algorithm may be checked with this key at all.
    [[nodiscard]] bool serves(Algorithm algorithm) const;

    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const std::string& secret() const { return secret_; }
    [[nodiscard]] evp_pkey_st* public_key() const { return public_key_.get(); }

 private:
    Key(KeyFamily family, std::string secret) : family_(family), secret_(std::move(secret)) {}
    static std::expected<Key, std::string> from_public_key(std::shared_ptr<evp_pkey_st> key);

    KeyFamily family_;
    std::string id_;                      // empty: the key has no kid
    std::optional<Algorithm> algorithm_;  // set: for this one only
    std::string secret_;                  // of KeyFamily::Secret
    std::shared_ptr<evp_pkey_st> public_key_;
    int bits_ = 0;
};

}  // namespace chatflow::auth
