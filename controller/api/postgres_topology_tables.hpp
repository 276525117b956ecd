#pragma once

#include "controller/api/placement_tables.hpp"
#include "controller/api/postgres_topology.hpp"
#include "controller/api/tables.hpp"

// Of a PostgresTopology; for codecs and crdgen, like tables.hpp.
namespace chatflow::api::schema {

// postgres_part_tables.cpp
template <>
const Struct<PostgresFailover>& table<PostgresFailover>();
template <>
const Struct<PostgresSwitchover>& table<PostgresSwitchover>();
template <>
const Struct<PostgresStorage>& table<PostgresStorage>();
template <>
const Struct<PostgresServer>& table<PostgresServer>();
template <>
const Struct<PostgresPooler>& table<PostgresPooler>();
template <>
const Struct<PostgresHealing>& table<PostgresHealing>();
template <>
const Struct<PostgresResources>& table<PostgresResources>();
template <>
const Struct<PostgresTls>& table<PostgresTls>();

// postgres_topology_tables.cpp
template <>
const Struct<PostgresTopologySpec>& table<PostgresTopologySpec>();
template <>
const Struct<PostgresTopology>& table<PostgresTopology>();
template <>
std::span<const Word<Durability>> words();
template <>
std::span<const Word<FailoverPreset>> words();
template <>
std::span<const Word<PrimaryUpdate>> words();

// postgres_database_tables.cpp
template <>
const Struct<PostgresUser>& table<PostgresUser>();
template <>
const Struct<PostgresDatabase>& table<PostgresDatabase>();

// postgres_backup_tables.cpp
template <>
const Struct<PostgresBackupVolume>& table<PostgresBackupVolume>();
template <>
const Struct<PostgresObjectStore>& table<PostgresObjectStore>();
template <>
const Struct<PostgresRepository>& table<PostgresRepository>();
template <>
const Struct<PostgresDrill>& table<PostgresDrill>();
template <>
const Struct<PostgresDrillStatus>& table<PostgresDrillStatus>();
template <>
const Struct<PostgresBackup>& table<PostgresBackup>();
template <>
const Struct<PostgresRecovery>& table<PostgresRecovery>();
template <>
const Struct<PostgresBootstrap>& table<PostgresBootstrap>();
template <>
const Struct<PostgresBackupRecord>& table<PostgresBackupRecord>();
template <>
const Struct<PostgresArchiveHole>& table<PostgresArchiveHole>();
template <>
const Struct<PostgresBackupStatus>& table<PostgresBackupStatus>();

// postgres_status_tables.cpp
template <>
const Struct<PostgresInstance>& table<PostgresInstance>();
template <>
const Struct<PostgresAction>& table<PostgresAction>();
template <>
const Struct<PostgresTransition>& table<PostgresTransition>();
template <>
const Struct<PostgresServices>& table<PostgresServices>();
template <>
const Struct<PostgresPoolerStatus>& table<PostgresPoolerStatus>();
template <>
const Struct<PostgresIndexHint>& table<PostgresIndexHint>();
template <>
const Struct<PostgresTopologyStatus>& table<PostgresTopologyStatus>();
template <>
std::span<const Word<InstanceRole>> words();

}  // namespace chatflow::api::schema
