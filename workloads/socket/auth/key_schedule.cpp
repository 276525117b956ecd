#include "workloads/socket/auth/key_schedule.hpp"

#include <algorithm>

namespace chatflow::socket {

KeySchedule::Time KeySchedule::next() const {
    if (begun_ == Time::min()) return begun_;
    auto wait = options_.period;
    if (failures_ > 0) {
        auto retry = options_.retry_first;
        for (int i = 1; i < failures_ && retry < options_.retry_max; ++i) retry *= 2;
        wait = std::min({wait, retry, options_.retry_max});
    }
    if (is_wanted_) wait = std::min(wait, options_.unknown_pause);
    return begun_ + wait;
}

void KeySchedule::on_begin(Time now) {
    begun_ = now;
    is_wanted_ = false;
}

}  // namespace chatflow::socket
