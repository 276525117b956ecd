#pragma once

#include "controller/api/object_meta.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>

namespace chatflow::runtime {

/// What is to happen to an object after it has been reconciled.
struct Action {
    /// Look at it again when something about it changes.
    [[nodiscard]] static Action await_change() { return {}; }

    /// Look at it again after `delay`, or when something changes before.
    [[nodiscard]] static Action requeue_after(std::chrono::milliseconds delay) { return {delay}; }

    std::optional<std::chrono::milliseconds> delay;

    bool operator==(const Action&) const = default;
};

/// Trying again cannot help, only a change of the object can: it is not requeued. The reconciler
/// has told the user by a condition and an event before it throws this.
struct TerminalError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Brings one object to its desired state. Level-based: which event woke it does not matter, and
/// a second run changes nothing. Any exception but TerminalError means: try again later.
class Reconciler {
 public:
    virtual ~Reconciler() = default;

    /// Never runs twice at a time for one key. `log` has the controller and the key bound.
    [[nodiscard]] virtual awaitable<Action> reconcile(api::ObjectKey key, Deadline deadline,
                                                      Log log) = 0;
};

}  // namespace chatflow::runtime
