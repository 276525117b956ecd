#pragma once

#include "controller/api/postgres_topology.hpp"
#include "controller/clients/patroni/client.hpp"
#include "controller/domain/postgres/objects.hpp"
#include "controller/domain/postgres/plan.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace chatflow {

/// All that is read for one topology.
struct ObservedTopology {
    api::PostgresTopology topology;  // with the status that was written last
    postgres::Existing existing;
    postgres::Seen seen;
    std::map<std::string, std::string> addresses;  // of the pods, by name
    std::string password;                          // of Patroni's REST API; empty: no Secret yet
    std::string answers;                           // the pod that told seen.cluster
    std::optional<nlohmann::json> settings;        // in Patroni's store
};

}  // namespace chatflow
