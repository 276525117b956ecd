#pragma once

#include <chrono>
#include <optional>

namespace chatflow::scaling {

/// When a policy is to be evaluated next: a period after it was due last, however long the
/// evaluation took and whoever asked for one in between. One that was late by a period or more is
/// not made up for: the next is due a period from `now`.
[[nodiscard]] std::chrono::steady_clock::time_point next_due(
    std::optional<std::chrono::steady_clock::time_point> last,
    std::chrono::steady_clock::time_point now, std::chrono::seconds period);

}  // namespace chatflow::scaling
