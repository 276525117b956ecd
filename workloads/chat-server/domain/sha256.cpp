#include "workloads/chat-server/domain/sha256.hpp"

#include "libs/base/hex.hpp"

#include <array>
#include <stdexcept>

#include <openssl/evp.h>

namespace chatflow::chat {

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 is not available in this OpenSSL");
    }
    return to_hex({digest.data(), size});
}

}  // namespace chatflow::chat
