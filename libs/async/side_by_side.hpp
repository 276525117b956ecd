#pragma once

#include "libs/async/awaitable.hpp"

#include <cstddef>
#include <vector>

namespace chatflow {

/// Runs all tasks to their ends, at most `at_once` of them at a time, then throws what the first
/// one that failed has thrown. Cancelled, it cancels them, waits for them, and the caller's next
/// co_await throws. What the tasks refer to outlives the call.
[[nodiscard]] awaitable<void> side_by_side(std::vector<awaitable<void>> tasks, std::size_t at_once);

/// Runs all tasks at once to their ends; what one throws is dropped, for tasks that tell themselves
/// how they went. Cancelled as side_by_side.
[[nodiscard]] awaitable<void> all_settled(std::vector<awaitable<void>> tasks);

}  // namespace chatflow
