#include "workloads/socket/streams/replay.hpp"

#include <algorithm>
#include <utility>

namespace chatflow::socket {
namespace {

bool is_of_this_life(const Missed& missed) {
    return missed.seen == 0 || (missed.born != 0 && missed.seen >= missed.born);
}

// Appends what follows the position; false when something is missing between.
bool append(const Missed& missed, const std::vector<RoomEvent>& live,
            std::vector<RoomEvent>& events) {
    auto last = missed.position.after;
    const auto take = [&](const rooms::RoomMessage& message) {
        if (message.id <= last) return true;
        if (message.previous > last) return false;
        last = message.id;
        events.push_back({missed.position.room, message});
        return true;
    };
    if (!std::ranges::all_of(missed.history.messages, take)) return false;
    for (const RoomEvent& event : live) {
        if (event.room == missed.position.room && !take(event.message)) return false;
    }
    return last >= missed.history.last;
}

}  // namespace

Replay plan_replay(const std::vector<Missed>& missed, const std::vector<RoomEvent>& live,
                   std::size_t count_max) {
    Replay replay;
    for (const Missed& room : missed) {
        if (!is_of_this_life(room) || !append(room, live, replay.events)) return {};
    }
    if (replay.events.size() > count_max) return {};
    std::ranges::stable_sort(replay.events, {},
                             [](const RoomEvent& event) { return event.message.id; });
    replay.is_complete = true;
    return replay;
}

}  // namespace chatflow::socket
