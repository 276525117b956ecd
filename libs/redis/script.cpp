#include "libs/redis/script.hpp"

#include "libs/base/hex.hpp"

#include <array>
#include <stdexcept>

#include <openssl/evp.h>

namespace chatflow::redis {
namespace {

std::string sha1_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
        throw std::runtime_error("SHA-1 is not available in this OpenSSL");
    }
    return to_hex({digest.data(), size});
}

}  // namespace

Script::Script(std::string_view source) : source_(source), digest_(sha1_hex(source)) {}

}  // namespace chatflow::redis
