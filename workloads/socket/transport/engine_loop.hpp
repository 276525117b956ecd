#pragma once

#include "libs/async/awaitable.hpp"

namespace chatflow::socket {

class Engine;

/// Drives the engine on this coroutine's executor until cancelled. One round a turn, so that the
/// rest of the program comes in between.
[[nodiscard]] awaitable<void> run(Engine& engine);

}  // namespace chatflow::socket
