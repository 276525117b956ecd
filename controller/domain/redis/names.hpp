#pragma once

// The labels and annotations that operator and agent agree upon.
namespace chatflow::redis_topology {

inline constexpr const char* kTopologyLabel = "chatflow.dev/redis";
inline constexpr const char* kPartLabel = "chatflow.dev/redis-part";  // node, sentinel
inline constexpr const char* kRoleLabel = "chatflow.dev/redis-role";  // master, replica
inline constexpr const char* kEpochAnnotation = "chatflow.dev/config-epoch";
inline constexpr const char* kDrainAnnotation = "chatflow.dev/draining";
inline constexpr const char* kRestartAnnotation = "chatflow.dev/restart-hash";

inline constexpr int kRedisPort = 6379;
inline constexpr int kSentinelPort = 26379;
inline constexpr int kBusPort = 16379;  // of a cluster's nodes among themselves

}  // namespace chatflow::redis_topology
