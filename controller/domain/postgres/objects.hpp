#pragma once

#include "controller/api/core/manifest.hpp"
#include "controller/api/postgres_topology.hpp"
#include "controller/api/quantity.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chatflow::postgres {

/// What exists already and must not be changed by an apply.
struct Existing {
    /// Of the volume templates, which a StatefulSet does not let change; volumes grow by
    /// themselves.
    std::optional<api::Quantity> member_volume;
    std::optional<api::Quantity> read_volume;
    /// Pods, while some that are to go have to stay for a while.
    std::optional<std::int32_t> members;
    std::optional<std::int32_t> read_replicas;
};

/// Everything a topology consists of but its credentials, in the order of creation: the Services
/// that hold Patroni's state come before the pods, since the Endpoints of no Service are swept
/// away.
[[nodiscard]] std::vector<api::Manifest> desired_objects(const api::PostgresTopology& topology,
                                                         const Existing& existing);

/// What an earlier spec may have asked for, and this one does not: to be deleted.
[[nodiscard]] std::vector<api::Manifest> unwanted_objects(const api::PostgresTopology& topology);

struct Passwords {
    std::string superuser;
    std::string replication;
    std::string rewind;
    std::string rest_api;
    bool operator==(const Passwords&) const = default;
};

/// Created once; passwords are never overwritten.
[[nodiscard]] api::Manifest credentials(const api::PostgresTopology& topology,
                                        const Passwords& passwords);

}  // namespace chatflow::postgres
