#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/blocking_pool.hpp"

#include <string>
#include <string_view>

namespace chatflow::chat {

/// Argon2id with 19 MiB, two passes, one lane: the first choice of OWASP's Password Storage Cheat
/// Sheet. Blocks for some 30 ms.
[[nodiscard]] std::string hash_password(std::string_view password);

/// Whether the password has this hash: Argon2id, or bcrypt ($2a$, $2b$, $2y$) of another system.
/// False for a hash of another kind. Blocks.
[[nodiscard]] bool is_password_of(std::string_view hash, std::string_view password);

/// Whether a hash shall be made anew: another kind, or other costs than hash_password has.
[[nodiscard]] bool is_outdated(std::string_view hash);

/// Hashes on one thread of its own that yields to the others, so that log-ins neither delay what
/// event loops do nor use up the CPU limit of a pod. Any executor may call. Throws PoolOverloaded
/// when too many wait.
class PasswordHasher {
 public:
    PasswordHasher();

    [[nodiscard]] awaitable<std::string> hash(std::string password);
    [[nodiscard]] awaitable<bool> verify(std::string hash, std::string password);

    /// Takes as long as verify() and is false: for a handle that nobody has, so that the time of an
    /// answer does not tell which handles exist.
    [[nodiscard]] awaitable<bool> verify_nothing(std::string password);

 private:
    BlockingPool threads_;
    std::string hash_of_nothing_;
};

}  // namespace chatflow::chat
