#pragma once

#include "controller/clients/redis/ask.hpp"
#include "controller/domain/redis/cluster_plan.hpp"
#include "libs/async/clock.hpp"

#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// What each node says of its cluster, in the order of `endpoints`; an empty view of one that does
/// not answer. Never throws for want of an answer.
[[nodiscard]] awaitable<std::vector<ClusterView>> observe_cluster(std::vector<Endpoint> endpoints,
                                                                  Credentials credentials,
                                                                  Deadline deadline);

/// Carries out a step that nodes are told of: all but Restart. A move takes as many slots as it
/// can within `deadline`, whole batches only; the plan finds the rest. Throws redis::Error.
[[nodiscard]] awaitable<void> take_cluster_step(ClusterStep step, Credentials credentials,
                                                Clock& clock, Deadline deadline);

/// Has the replica take over from its master, which holds writes back until the replica has all of
/// them; returns when the replica says that it is master. Throws redis::Error when it refuses or
/// does not get the votes by the deadline.
[[nodiscard]] awaitable<void> fail_over_to(Endpoint replica, Credentials credentials, Clock& clock,
                                           Deadline deadline);

}  // namespace chatflow::redis_topology
