#include "libs/auth/signature.hpp"

#include <array>
#include <memory>
#include <string>

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

namespace chatflow::auth {
namespace {

struct FreeDigestContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeEcdsaSignature {
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

const EVP_MD* digest_of(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::HS256:
        case Algorithm::RS256:
        case Algorithm::PS256:
        case Algorithm::ES256:
            return EVP_sha256();
        case Algorithm::HS384:
        case Algorithm::RS384:
        case Algorithm::PS384:
        case Algorithm::ES384:
            return EVP_sha384();
        case Algorithm::HS512:
        case Algorithm::RS512:
        case Algorithm::PS512:
        case Algorithm::ES512:
            return EVP_sha512();
        case Algorithm::EdDSA:
            return nullptr;  // hashes by itself
    }
    return nullptr;
}

bool is_pss(Algorithm algorithm) {
    return algorithm == Algorithm::PS256 || algorithm == Algorithm::PS384 ||
           algorithm == Algorithm::PS512;
}

bool is_mac_of(std::string_view text, std::string_view signature, Algorithm algorithm,
               const std::string& secret) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned size = 0;
    const auto* const done =
        HMAC(digest_of(algorithm), secret.data(), static_cast<int>(secret.size()), bytes_of(text),
             text.size(), mac.data(), &size);
    return done != nullptr && size == signature.size() &&
           CRYPTO_memcmp(mac.data(), signature.data(), size) == 0;
}

// OpenSSL wants the two numbers in DER. Empty when they are not of the curve's size.
std::string to_der(std::string_view signature, int curve_bits) {
    const auto half = static_cast<std::size_t>((curve_bits + 7) / 8);
    if (signature.size() != 2 * half) return {};
    const auto number = [&](std::size_t begin) {
        return BN_bin2bn(bytes_of(signature) + begin, static_cast<int>(half), nullptr);
    };
    const std::unique_ptr<ECDSA_SIG, FreeEcdsaSignature> pair(ECDSA_SIG_new());
    if (!pair || ECDSA_SIG_set0(pair.get(), number(0), number(half)) != 1) return {};
    const int size = i2d_ECDSA_SIG(pair.get(), nullptr);
    if (size <= 0) return {};
    std::string der(static_cast<std::size_t>(size), '\0');
    auto* end = reinterpret_cast<unsigned char*>(der.data());
    i2d_ECDSA_SIG(pair.get(), &end);
    return der;
}

bool is_public_key_signature_of(std::string_view text, std::string_view signature,
                                Algorithm algorithm, EVP_PKEY* key) {
    const std::unique_ptr<EVP_MD_CTX, FreeDigestContext> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* settings = nullptr;  // belongs to `context`
    if (!context ||
        EVP_DigestVerifyInit(context.get(), &settings, digest_of(algorithm), nullptr, key) != 1) {
        return false;
    }
    if (is_pss(algorithm)) {
        // RFC 7518 §3.5: the salt is as long as the hash.
        if (EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) != 1) return false;
        if (EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) != 1) return false;
    }
    return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                            text.size()) == 1;
}

}  // namespace

bool is_signature_of(std::string_view text, std::string_view signature, Algorithm algorithm,
                     const Key& key) {
    if (!key.serves(algorithm)) return false;
    switch (family_of(algorithm)) {
        case KeyFamily::Secret:
            return is_mac_of(text, signature, algorithm, key.secret());
        case KeyFamily::EllipticCurve: {
            const auto der = to_der(signature, EVP_PKEY_get_bits(key.public_key()));
            return !der.empty() &&
                   is_public_key_signature_of(text, der, algorithm, key.public_key());
        }
        case KeyFamily::Rsa:
        case KeyFamily::Edwards:
            return is_public_key_signature_of(text, signature, algorithm, key.public_key());
    }
    return false;
}

}  // namespace chatflow::auth
