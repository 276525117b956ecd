#pragma once

#include "controller/redis_agent/options.hpp"
#include "libs/base/log.hpp"

namespace chatflow::redis_agent {

/// For the preStop hook: a master that is to be stopped hands over first, without the loss of an
/// acknowledged write, with or without an operator. What keeps it from that is logged, and the stop
/// goes on.
void hand_over_before_stop(const Options& options, const Log& log);

}  // namespace chatflow::redis_agent
