#pragma once

#include "controller/api/placement.hpp"

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::objects {

/// Fields of a pod's spec: affinity to nodes and zones without a pod of these labels, and which
/// nodes it may run on.
[[nodiscard]] nlohmann::json placed(const api::Placement& placement,
                                    const std::map<std::string, std::string>& labels);

}  // namespace chatflow::objects
