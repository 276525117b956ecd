#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/auth/key_set.hpp"
#include "libs/base/deadline.hpp"

#include <memory>
#include <string>

namespace chatflow::socket {

/// How a read of the keys ended.
enum class KeyRead { Changed, Same, Failed };

/// What a token with an unknown key brought to light.
enum class Renewal {
    Changed,  // the keys are others now
    Same,     // they were read, and the key is not among them
    Unknown   // they could not be read in time
};

/// The keys that tokens are verified with, as they change. One executor.
class KeySource {
 public:
    virtual ~KeySource() = default;

    /// Null until some have been read.
    [[nodiscard]] virtual std::shared_ptr<const auth::KeySet> keys() const = 0;

    /// A token names a key that keys() lacks. Waits until they have been read anew, as far as that
    /// may happen before `deadline`.
    [[nodiscard]] virtual awaitable<Renewal> renew(Deadline deadline) = 0;

    /// Follows the changes until cancelled.
    [[nodiscard]] virtual awaitable<void> run() = 0;

    /// Why nobody can be let in now; "" when keys are there.
    [[nodiscard]] virtual std::string trouble() const = 0;
};

}  // namespace chatflow::socket
