#pragma once

#include "controller/clients/redis/ask.hpp"
#include "controller/domain/redis/start_gate.hpp"
#include "controller/redis_agent/options.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/async/clock.hpp"
#include "libs/base/log.hpp"

namespace chatflow::redis_agent {

/// How a node starts, and the address that is its own.
struct Admission {
    redis_topology::Endpoint self;
    redis_topology::GateDecision decision;
};

/// Waits until the Sentinels let this node start; tells in the log what it waits for.
[[nodiscard]] awaitable<Admission> pass_gate(Options options,
                                             redis_topology::Credentials credentials, Clock& clock,
                                             Log log);

/// The gate, then redis-server in place of this process. Throws when that cannot be.
void start_node(const Options& options, const Log& log);

/// redis-server with this redis.conf in place of this process.
[[noreturn]] void become_server(const Options& options, const std::string& conf);

/// Replaces this process by a server of the engine, which gets options.preload where there is one.
[[noreturn]] void become(const Options& options, const std::vector<std::string>& arguments);

}  // namespace chatflow::redis_agent
