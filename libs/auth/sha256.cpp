#include "libs/auth/sha256.hpp"

#include "libs/base/hex.hpp"

#include <array>
#include <stdexcept>

#include <openssl/evp.h>

namespace chatflow::auth {

std::string sha256(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 is not available in this OpenSSL");
    }
    return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string sha256_hex(std::string_view text) {
    const std::string digest = sha256(text);
    return to_hex({reinterpret_cast<const unsigned char*>(digest.data()), digest.size()});
}

}  // namespace chatflow::auth
