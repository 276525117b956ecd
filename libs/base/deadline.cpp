#include "libs/base/deadline.hpp"

#include <algorithm>

namespace chatflow {

Deadline Deadline::after(Clock::duration time) { return Deadline{Clock::now() + time}; }

Deadline::Clock::duration Deadline::time_left() const {
    return std::max(moment_ - Clock::now(), Clock::duration::zero());
}

Deadline Deadline::but_within(Clock::duration time) const {
    return Deadline{std::min(moment_, Clock::now() + time)};
}

}  // namespace chatflow
