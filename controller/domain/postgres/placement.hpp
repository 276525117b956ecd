#pragma once

#include "controller/api/postgres_placement.hpp"

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::postgres {

/// Fields of a pod's spec: affinity to nodes and zones without a pod of these labels, and which
/// nodes it may run on.
[[nodiscard]] nlohmann::json placed(const api::PostgresPlacement& placement,
                                    const std::map<std::string, std::string>& labels);

}  // namespace chatflow::postgres
