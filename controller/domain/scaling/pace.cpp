#include "controller/domain/scaling/pace.hpp"

#include "libs/base/fnv1a.hpp"

namespace chatflow::scaling {

std::chrono::steady_clock::time_point next_due(std::chrono::steady_clock::time_point now,
                                               std::chrono::seconds period, std::string_view uid) {
    using Moment = std::chrono::steady_clock::time_point;
    const Moment::duration whole = period;
    const std::chrono::seconds place{fnv1a(uid) % static_cast<std::uint64_t>(period.count())};
    const Moment::duration since_last = (now.time_since_epoch() - place) % whole;
    // Before the first place of the clock the remainder is negative.
    return now + (since_last < Moment::duration::zero() ? -since_last : whole - since_last);
}

}  // namespace chatflow::scaling
