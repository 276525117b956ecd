#pragma once

#include "controller/api/patroni_cluster.hpp"

#include <optional>
#include <string_view>

namespace chatflow::patroni {

/// The body of GET /cluster; nothing when it is none. What is missing or of another type in a
/// member stays as in a new one; a member without a name is left out.
[[nodiscard]] std::optional<api::PatroniCluster> read_cluster(std::string_view body);

}  // namespace chatflow::patroni
