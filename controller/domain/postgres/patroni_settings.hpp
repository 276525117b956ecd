#pragma once

#include "controller/api/postgres_topology.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::postgres {

/// What Patroni keeps in its store, for all members: PATCHed by its REST API when it differs.
/// A value of null in a PATCH removes a key. `draining`: read replicas that are to go.
[[nodiscard]] nlohmann::json dynamic_settings(const api::PostgresTopologySpec& spec,
                                              const std::vector<std::string>& draining = {});

/// The difference as a merge patch: what to send so that `current` holds `wanted`. Parameters that
/// are no longer wanted become null; keys of `current` that we do not manage stay. Null: nothing.
[[nodiscard]] nlohmann::json settings_patch(const nlohmann::json& current,
                                            const nlohmann::json& wanted);

/// How often each member looks around and tells its state.
[[nodiscard]] std::chrono::seconds loop_wait(api::FailoverPreset preset);

/// Three times Patroni's ttl. While there is no primary for less, one may be about to be elected.
[[nodiscard]] std::chrono::seconds failover_takes(api::FailoverPreset preset);

enum class Pool { Member, Read };

/// patroni.yml of a pool. JSON is YAML, too. Names, addresses and passwords come by environment.
[[nodiscard]] std::string static_settings(const api::PostgresTopology& topology, Pool pool);

}  // namespace chatflow::postgres
