#pragma once

#include "controller/api/placement_tables.hpp"
#include "controller/api/redis_topology.hpp"
#include "controller/api/tables.hpp"

// Which structs of the RedisTopology have a table; for codecs and crdgen, as tables.hpp.
namespace chatflow::api::schema {

template <>
const Struct<RedisSentinelSpec>& table<RedisSentinelSpec>();
template <>
const Struct<RedisWriteSafety>& table<RedisWriteSafety>();
template <>
const Struct<RedisStorage>& table<RedisStorage>();
template <>
const Struct<RedisResources>& table<RedisResources>();
template <>
const Struct<RedisSwitchover>& table<RedisSwitchover>();
template <>
const Struct<RedisClusterSpec>& table<RedisClusterSpec>();
template <>
const Struct<RedisUser>& table<RedisUser>();
template <>
const Struct<RedisTlsSpec>& table<RedisTlsSpec>();
template <>
const Struct<RedisBackupSpec>& table<RedisBackupSpec>();
template <>
const Struct<RedisFromBackup>& table<RedisFromBackup>();
template <>
const Struct<RedisBootstrap>& table<RedisBootstrap>();
template <>
const Struct<RedisTopologySpec>& table<RedisTopologySpec>();
template <>
const Struct<RedisNodeStatus>& table<RedisNodeStatus>();
template <>
const Struct<RedisShardStatus>& table<RedisShardStatus>();
template <>
const Struct<RedisSentinelStatus>& table<RedisSentinelStatus>();
template <>
const Struct<RedisSwitchoverStatus>& table<RedisSwitchoverStatus>();
template <>
const Struct<RedisBackupStatus>& table<RedisBackupStatus>();
template <>
const Struct<RedisTopologyStatus>& table<RedisTopologyStatus>();
template <>
const Struct<RedisTopology>& table<RedisTopology>();

template <>
std::span<const Word<RedisMode>> words();
template <>
std::span<const Word<RedisRole>> words();
template <>
std::span<const Word<RedisEngine>> words();

}  // namespace chatflow::api::schema
