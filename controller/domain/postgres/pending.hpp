#pragma once

#include "controller/api/patroni_cluster.hpp"
#include "controller/api/postgres_topology.hpp"
#include "libs/base/time.hpp"

#include <string>
#include <vector>

namespace chatflow::postgres {

/// Servers that a restart helps now: members with a pending change, but for standbys whose change
/// has to wait for the primary.
[[nodiscard]] std::vector<std::string> restartable(const api::PatroniCluster& cluster,
                                                   const api::PatroniMember& leader);

/// Whether the primary has to be restarted where it is, before the standbys: a standby must not
/// have room for fewer connections, locks or workers than the primary, so that Patroni starts it
/// with the old value, and a handover would carry that one on.
[[nodiscard]] bool begins_with_primary(const api::PatroniMember& leader);

/// "max_connections 100 -> 120, shared_buffers 128MB -> 256MB needs a restart".
[[nodiscard]] std::string restart_reason(const api::PatroniMember& member);

/// Whether the last thing that was done to the member was a restart for the same change, within
/// the hour, and the primary was not restarted since: another one would not help either.
[[nodiscard]] bool was_in_vain(const api::PatroniMember& member, const api::PatroniMember& leader,
                               const std::vector<api::PostgresAction>& actions, TimePoint now);

}  // namespace chatflow::postgres
