#include "controller/reconcilers/postgres/scram.hpp"

#include "libs/auth/hmac.hpp"
#include "libs/auth/sha256.hpp"
#include "libs/base/base64.hpp"

#include <stdexcept>
#include <string_view>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

namespace chatflow {

namespace {

constexpr int kIterations = 4096;  // PostgreSQL's own default
constexpr std::size_t kSaltBytes = 16;

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string scram_verifier(const std::string& user, const std::string& password,
                           const std::string& secret) {
    const std::string salt = auth::hmac_sha256(secret, user + ":" + password).substr(0, kSaltBytes);
    std::string salted(SHA256_DIGEST_LENGTH, '\0');
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                          bytes(std::string_view(salt)), static_cast<int>(salt.size()), kIterations,
                          EVP_sha256(), static_cast<int>(salted.size()), bytes(salted)) != 1) {
        throw std::runtime_error("OpenSSL makes no key of a password");
    }
    return fmt::format("SCRAM-SHA-256${}:{}${}:{}", kIterations, encode_base64(salt),
                       encode_base64(auth::sha256(auth::hmac_sha256(salted, "Client Key"))),
                       encode_base64(auth::hmac_sha256(salted, "Server Key")));
}

}  // namespace chatflow
