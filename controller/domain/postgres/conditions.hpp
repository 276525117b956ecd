#pragma once

#include "controller/api/postgres_topology.hpp"
#include "controller/domain/postgres/plan.hpp"

namespace chatflow::postgres {

/// Brings the conditions of `status` up to date; everything else in it is already.
void set_conditions(const api::PostgresTopology& topology, const Seen& seen, const Plan& plan,
                    api::PostgresTopologyStatus& status);

}  // namespace chatflow::postgres
