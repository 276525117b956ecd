#include "controller/domain/redis/view.hpp"

#include <fmt/format.h>

namespace chatflow::redis_topology {

std::string to_string(const Endpoint& endpoint) {
    return fmt::format("{}:{}", endpoint.host, endpoint.port);
}

Consensus consensus_of(const std::vector<SentinelView>& sentinels) {
    Consensus found;
    for (const SentinelView& sentinel : sentinels) {
        if (!sentinel.reachable) continue;
        ++found.reachable;
        if (!sentinel.master) continue;
        if (!found.master || sentinel.epoch > found.epoch) {
            found.master = sentinel.master;
            found.epoch = sentinel.epoch;
        }
    }
    for (const SentinelView& sentinel : sentinels) {
        if (sentinel.reachable && sentinel.master && sentinel.master == found.master) {
            ++found.agreeing;
        }
    }
    return found;
}

}  // namespace chatflow::redis_topology
