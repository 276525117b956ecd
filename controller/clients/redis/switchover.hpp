#pragma once

#include "controller/clients/redis/ask.hpp"
#include "controller/domain/redis/view.hpp"
#include "libs/async/clock.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace chatflow::redis_topology {

/// Who hands over to whom, and which Sentinel is asked to write it down.
struct Handover {
    std::string name;  // of the master, to Sentinels
    Endpoint from;
    Endpoint to;
    Endpoint sentinel;
};

struct HandoverOptions {
    // Writes wait for at most so long until the failover is asked for: below down-after, or the
    // Sentinels take the master for dead. From then on the pause is renewed until it is over.
    std::chrono::milliseconds pause{4000};
    std::chrono::milliseconds catch_up{1500};  // to reach the master's offset
    std::chrono::milliseconds poll{20};
};

struct HandoverResult {
    bool done = false;
    bool lossless = true;  // of one that is done: the old master took no write meanwhile
    std::string outcome;   // "Done", or why the master stayed where it was, or what may be lost
    std::chrono::milliseconds writes_waited{0};
};

/// Moves the master without the loss of an acknowledged write: pauses writes, waits until the
/// chosen replica has all of them, has the Sentinel fail over, makes the old master a replica
/// before it would accept a write again, calls `route` (which leads writers to the new master) and
/// ends the pause. Whatever fails before the failover leaves the master where it was; the pause
/// ends by itself.
[[nodiscard]] awaitable<HandoverResult> hand_over(Handover handover, Credentials credentials,
                                                  HandoverOptions options, Clock& clock,
                                                  std::function<awaitable<void>()> route,
                                                  Deadline deadline);

}  // namespace chatflow::redis_topology
