#pragma once

#include "controller/api/core/manifest.hpp"
#include "controller/api/postgres_topology.hpp"
#include "controller/domain/postgres/backup.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::postgres {

/// What pods find in /etc/patroni by name: pgbackrest.conf of the topology's own repository,
/// restore.conf of the one that it is restored from. No key of a bucket is in them: those come by
/// the environment.
[[nodiscard]] std::map<std::string, std::string> backup_files(
    const api::PostgresTopology& topology);

/// Parameters that archive WAL; none without spec.backup.
[[nodiscard]] nlohmann::json archive_parameters(const api::PostgresTopologySpec& spec);

/// Patroni's bootstrap method "restore" for spec.bootstrap.recovery.
[[nodiscard]] nlohmann::json restore_method(const api::PostgresRecovery& recovery);

/// What a pod needs of both: environment, mounts, volumes, as arrays.
[[nodiscard]] nlohmann::json backup_environment(const api::PostgresTopology& topology);
[[nodiscard]] nlohmann::json backup_mounts(const api::PostgresTopologySpec& spec);
[[nodiscard]] nlohmann::json backup_volumes(const api::PostgresTopology& topology);

/// The claim of a volume that has none. It stays when the topology is deleted.
[[nodiscard]] std::vector<api::Manifest> backup_objects(const api::PostgresTopology& topology);

/// SQL for the primary, whose machine has the repository: the programs run there as its own user.
/// The rows of the statements at kInfoAt, kWordsAt and kArchiverAt: pgBackRest's JSON, what the
/// last attempt wrote, the archiver's statistics.
[[nodiscard]] std::vector<std::string> observe_statements();
inline constexpr std::size_t kInfoAt = 2;
inline constexpr std::size_t kWordsAt = 5;
inline constexpr std::size_t kArchiverAt = 6;
[[nodiscard]] std::vector<std::string> work_statements(const BackupPlan& plan);

}  // namespace chatflow::postgres
