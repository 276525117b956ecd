#include "workloads/chat-server/io/password_hasher.hpp"

#include "workloads/chat-server/io/random.hpp"

#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

#include <argon2.h>
#include <crypt.h>
#include <openssl/crypto.h>

namespace chatflow::chat {
namespace {

constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKiB = 19'456;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::string_view kCosts = "$argon2id$v=19$m=19456,t=2,p=1$";

constexpr std::size_t kThreads = 1;      // with 19 MiB while it hashes
constexpr std::size_t kWaitingMax = 32;  // about a second of work
// As bcrypt does; a longer password would be cut without a word.
constexpr std::size_t kBcryptBytesMax = 72;

bool is_bcrypt(std::string_view hash) {
    return hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$");
}

bool is_bcrypt_password_of(const std::string& hash, const std::string& password) {
    if (password.size() > kBcryptBytesMax || password.contains('\0')) return false;
    const auto work = std::make_unique<crypt_data>();
    const char* made = crypt_r(password.c_str(), hash.c_str(), work.get());
    return made != nullptr && hash.size() == std::strlen(made) &&
           CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
}

}  // namespace

std::string hash_password(std::string_view password) {
    const std::string salt = random_bytes(kSaltBytes);
    std::string encoded(
        argon2_encodedlen(kPasses, kMemoryKiB, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
    const int error =
        argon2id_hash_encoded(kPasses, kMemoryKiB, kLanes, password.data(), password.size(),
                              salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
    if (error != ARGON2_OK) throw std::runtime_error(argon2_error_message(error));
    encoded.resize(std::strlen(encoded.c_str()));
    return encoded;
}

bool is_password_of(std::string_view hash, std::string_view password) {
    const std::string terminated(hash);
    if (is_bcrypt(hash)) return is_bcrypt_password_of(terminated, std::string(password));
    if (!hash.starts_with("$argon2id$")) return false;
    return argon2id_verify(terminated.c_str(), password.data(), password.size()) == ARGON2_OK;
}

bool is_outdated(std::string_view hash) { return !hash.starts_with(kCosts); }

PasswordHasher::PasswordHasher()
    : threads_(kThreads, kWaitingMax, BlockingPool::Precedence::Behind),
      hash_of_nothing_(hash_password("")) {}

awaitable<std::string> PasswordHasher::hash(std::string password) {
    auto work = [password = std::move(password)] { return hash_password(password); };
    co_return co_await threads_.run(std::move(work));
}

awaitable<bool> PasswordHasher::verify(std::string hash, std::string password) {
    auto work = [hash = std::move(hash), password = std::move(password)] {
        return is_password_of(hash, password);
    };
    co_return co_await threads_.run(std::move(work));
}

awaitable<bool> PasswordHasher::verify_nothing(std::string password) {
    co_await verify(hash_of_nothing_, std::move(password));
    co_return false;
}

}  // namespace chatflow::chat
