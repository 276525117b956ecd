#pragma once

#include "controller/api/postgres_topology.hpp"
#include "controller/domain/postgres/objects.hpp"
#include "controller/domain/postgres/patroni_settings.hpp"

#include <nlohmann/json_fwd.hpp>

namespace chatflow::postgres {

/// spec of the StatefulSet of a pool. All pods start at once, and only the operator replaces them,
/// in the order that keeps a primary. `existing`: what an apply must not change.
[[nodiscard]] nlohmann::json pool_spec(const api::PostgresTopology& topology, Pool pool,
                                       const Existing& existing);

}  // namespace chatflow::postgres
