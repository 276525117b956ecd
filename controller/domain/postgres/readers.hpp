#pragma once

#include "controller/api/postgres_topology.hpp"
#include "controller/domain/postgres/plan.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace chatflow::postgres {

/// What the pool of read replicas is to be now.
struct ReaderPool {
    std::int32_t replicas = 0;
    std::vector<std::string> draining;  // still there, out of -ro and -r
    bool operator==(const ReaderPool&) const = default;
};

/// A StatefulSet's pods go from the last one on. Here each goes when it has been out of the
/// Services for long enough for everybody to know, and its last connection has ended, or
/// readReplicaDrainSeconds are over. `existing`: the replicas of the StatefulSet; `connections`:
/// of clients, by pod; a pod that does not tell them is missing.
[[nodiscard]] ReaderPool reader_pool(const api::PostgresTopology& topology,
                                     const std::vector<SeenPod>& pods, std::int32_t existing,
                                     const std::map<std::string, std::int64_t>& connections,
                                     TimePoint now);

/// Pods that are to go, in the order of their names.
[[nodiscard]] std::vector<std::string> leaving_readers(const api::PostgresTopology& topology,
                                                       const std::vector<SeenPod>& pods,
                                                       std::int32_t existing);

/// SQL on a read replica: who is connected to it.
inline constexpr const char* kWhoIsConnected =
    "SELECT usename AS name, host(client_addr) AS address, application_name AS program "
    "FROM pg_stat_activity WHERE backend_type = 'client backend'";

/// How many of them its end would cut off. Not Patroni, which comes as the superuser from the pod
/// itself, nor the operator; a superuser who comes through a Service is as good as anybody.
[[nodiscard]] std::int64_t clients_of(
    const std::vector<std::map<std::string, std::string>>& connected);

}  // namespace chatflow::postgres
