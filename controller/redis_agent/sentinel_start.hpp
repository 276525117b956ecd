#pragma once

#include "controller/clients/redis/ask.hpp"
#include "controller/domain/redis/agent_settings.hpp"
#include "controller/domain/redis/view.hpp"
#include "controller/redis_agent/options.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/async/clock.hpp"
#include "libs/base/log.hpp"

namespace chatflow::redis_agent {

/// Which master a Sentinel without memory watches: the one its peers name, else the one that data
/// nodes follow, else, of a topology that is new, the first node.
[[nodiscard]] awaitable<redis_topology::Endpoint> find_first_master(
    Options options, redis_topology::AgentSettings settings,
    redis_topology::Credentials credentials, Clock& clock, Log log);

/// Writes or renews sentinel.conf, then redis-sentinel in place of this process.
void start_sentinel(const Options& options, const Log& log);

}  // namespace chatflow::redis_agent
