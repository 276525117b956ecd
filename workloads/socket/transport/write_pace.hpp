#pragma once

#include <chrono>

namespace chatflow::socket {

/// One round of writes to all connections that have something to be sent, and what the thread did
/// since the round before.
struct WriteRound {
    std::chrono::nanoseconds took{0};      // by the clock
    std::chrono::nanoseconds took_cpu{0};  // of the thread
    std::chrono::nanoseconds period{0};  // from the end of the round before to the end of this one
    std::chrono::nanoseconds other_cpu{0};  // of the thread in that period, without the round
};

/// How long no round begins after this one, so that messages share writes, at most `longest`.
/// Writing gets what other work leaves of 60 % of the thread: a thread that has time
/// writes at once, the busier it is the more messages share a write. A processor that is shared
/// gives only took_cpu / took of the time, which makes all other work as much longer.
[[nodiscard]] std::chrono::nanoseconds rest_after(const WriteRound& round,
                                                  std::chrono::nanoseconds longest);

}  // namespace chatflow::socket
