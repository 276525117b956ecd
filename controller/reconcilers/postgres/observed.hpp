#pragma once

#include "controller/api/postgres_topology.hpp"
#include "controller/clients/patroni/client.hpp"
#include "controller/clients/pooler/client.hpp"
#include "controller/domain/postgres/objects.hpp"
#include "controller/domain/postgres/plan.hpp"
#include "controller/domain/postgres/pooler.hpp"
#include "controller/domain/tls/kept.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow {

/// All that is read for one topology.
struct ObservedTopology {
    api::PostgresTopology topology;  // with the status that was written last
    postgres::Existing existing;
    std::int32_t members_there = 0;  // replicas of the StatefulSet of members
    std::int32_t readers_there = 0;  // and of that of read replicas
    postgres::Seen seen;
    std::map<std::string, std::string> addresses;  // of the pods, by name
    postgres::Passwords passwords;                 // empty: no Secret yet
    postgres::PoolerPasswords pooler_passwords;    // empty: no pooler, or no Secret yet
    tls::Certificates certificates;                // with spec.tls
    std::vector<pooler::Pod> poolers;              // that have an address
    std::vector<pooler::Pod> paused_poolers;
    std::string answers;                     // the pod that told seen.cluster
    std::optional<nlohmann::json> settings;  // in Patroni's store
};

}  // namespace chatflow
