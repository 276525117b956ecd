#include "libs/auth/hmac.hpp"

#include "libs/base/hex.hpp"

#include <array>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace chatflow::auth {

std::string hmac_sha256(std::string_view secret, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, text.size(),
             digest.data(), &size) == nullptr) {
        throw std::runtime_error("HMAC-SHA256 is not available in this OpenSSL");
    }
    return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string hmac_sha256_hex(std::string_view secret, std::string_view text) {
    const std::string digest = hmac_sha256(secret, text);
    return to_hex({reinterpret_cast<const unsigned char*>(digest.data()), digest.size()});
}

bool is_same_secret(std::string_view one, std::string_view other) {
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace chatflow::auth
