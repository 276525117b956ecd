#pragma once

// The labels and annotations that operator and agent agree upon.
namespace chatflow::redis_topology {

inline constexpr const char* kTopologyLabel = "chatflow.dev/redis";
inline constexpr const char* kPartLabel =
    "chatflow.dev/redis-part";  // node, sentinel, backup, restore
inline constexpr const char* kRoleLabel = "chatflow.dev/redis-role";  // master, replica
inline constexpr const char* kEpochAnnotation = "chatflow.dev/config-epoch";
inline constexpr const char* kDrainAnnotation = "chatflow.dev/draining";
inline constexpr const char* kAsleepAnnotation = "chatflow.dev/asleep";  // of a StatefulSet: nodes
inline constexpr const char* kRestartAnnotation = "chatflow.dev/restart-hash";

// Of Sentinels, which read certificates at start only.
inline constexpr const char* kCertificatesAnnotation = "chatflow.dev/certificates";
inline constexpr const char* kRenewalsAnnotation = "chatflow.dev/renewals";  // of a Secret

inline constexpr const char* kBackupAnnotation = "chatflow.dev/backup";    // of a Job: which one
inline constexpr const char* kRequestAnnotation = "chatflow.dev/request";  // that it answers
inline constexpr const char* kShardAnnotation = "chatflow.dev/shard";      // of a restore

inline constexpr int kRedisPort = 6379;
inline constexpr int kPlainPort = 6380;  // in the clear, beside TLS
inline constexpr int kSentinelPort = 26379;
inline constexpr int kBusPort = 16379;  // of a cluster's nodes among themselves

}  // namespace chatflow::redis_topology
