#pragma once

#include <chrono>
#include <string_view>

namespace chatflow::scaling {

/// When a policy is to be evaluated next: the first moment after `now` that is a whole number of
/// periods after the policy's own place in the period, which its uid gives. However long an
/// evaluation took and whoever asked for one in between, the next is at most a period away, and the
/// evaluations of many policies are spread over it. Places are whole seconds: a second's policies
/// one after the other cost a fraction of what each would alone. One that was missed is not made up
/// for.
[[nodiscard]] std::chrono::steady_clock::time_point next_due(
    std::chrono::steady_clock::time_point now, std::chrono::seconds period, std::string_view uid);

}  // namespace chatflow::scaling
