#include "controller/domain/scaling/pace.hpp"

#include <algorithm>

namespace chatflow::scaling {

std::chrono::steady_clock::time_point next_due(
    std::optional<std::chrono::steady_clock::time_point> last,
    std::chrono::steady_clock::time_point now, std::chrono::seconds period) {
    if (!last || *last + period <= now) return now + period;
    // Due still, as an event came first; or later than a period that has become shorter.
    if (*last > now) return std::min(*last, now + period);
    return *last + period;
}

}  // namespace chatflow::scaling
