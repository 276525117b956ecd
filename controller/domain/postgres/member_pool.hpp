#pragma once

#include "controller/api/postgres_topology.hpp"
#include "controller/domain/postgres/plan.hpp"

#include <cstdint>
#include <string>

namespace chatflow::postgres {

/// Whether the pod is a member beyond spec.members.
[[nodiscard]] bool is_surplus(const api::PostgresTopology& topology, const std::string& pod);

/// How many members the StatefulSet has now. The last one goes when it is no primary and every
/// other member runs or streams: a quorum is left at each step. `existing`: its replicas; 0: not
/// there.
[[nodiscard]] std::int32_t member_pool(const api::PostgresTopology& topology, const Seen& seen,
                                       std::int32_t existing);

}  // namespace chatflow::postgres
