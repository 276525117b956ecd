#pragma once

#include "libs/async/awaitable.hpp"

namespace chatflow {

/// Until SIGTERM or SIGINT arrives; returns its number.
[[nodiscard]] awaitable<int> wait_for_shutdown_signal();

}  // namespace chatflow
