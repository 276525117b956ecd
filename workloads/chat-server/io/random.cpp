#include "workloads/chat-server/io/random.hpp"

#include <random>
#include <stdexcept>

#include <openssl/rand.h>

namespace chatflow::chat {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
        throw std::runtime_error("OpenSSL has no random bytes");
    }
    return bytes;
}

std::uint64_t random_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace chatflow::chat
