#include "controller/api/patterns.hpp"
#include "controller/api/redis_topology_tables.hpp"

#include <limits>

namespace chatflow::api::schema {
namespace {

constexpr std::int32_t kPodsMax = 64;
constexpr std::int32_t kShardsMax = 32;  // a cluster that shrinks has more than it wants
constexpr std::int32_t kSlots = 16'384;
constexpr std::int64_t kCountMax = std::numeric_limits<std::int64_t>::max() / 1000;
constexpr std::size_t kConditionsMax = 16;
constexpr std::size_t kSummaryMax = 32;
constexpr std::size_t kSelectorMax = 512;
constexpr std::size_t kOutcomeMax = 512;

}  // namespace

template <>
const Struct<RedisNodeStatus>& table<RedisNodeStatus>() {
    using N = RedisNodeStatus;
    static const Struct<N> kTable{
        "RedisNodeStatus",
        "One data node as it was seen last.",
        {field("name", &N::name).required().size(1, kNameMax).doc("The pod.").example("queue-0"),
         field("role", &N::role)
             .size(0, kSummaryMax)
             .only({"master", "replica", "waiting", "unreachable"})
             .doc("What the node says it is; waiting: its start gate waits for the Sentinels.")
             .example("master"),
         field("offset", &N::offset)
             .between(0, kCountMax)
             .unit("bytes")
             .doc("How far it is in the stream of writes. Written when something else changes.")
             .example("123456"),
         field("lagBytes", &N::lag_bytes)
             .between(0, kCountMax)
             .unit("bytes")
             .doc("How far it is behind the master.")
             .example("0"),
         field("linkUp", &N::link_up).doc("Whether a replica has its master.").example("true")}};
    return kTable;
}

template <>
const Struct<RedisShardStatus>& table<RedisShardStatus>() {
    using S = RedisShardStatus;
    static const Struct<S> kTable{
        "RedisShardStatus",
        "One shard of a cluster as it was seen last.",
        {field("index", &S::index)
             .required()
             .between(0, kShardsMax)
             .doc("Which group of pods: of replicasPerShard + 1 each, in the order of their names.")
             .example("0"),
         field("master", &S::master)
             .size(0, kNameMax)
             .doc("The pod that serves its slots.")
             .example("feed-0"),
         field("slots", &S::slots)
             .between(0, kSlots)
             .unit("slots")
             .doc("Slots that its master serves.")
             .example("5461"),
         field("inSync", &S::in_sync)
             .between(0, kPodsMax)
             .unit("pods")
             .doc("Replicas that have their master.")
             .example("1")}};
    return kTable;
}

template <>
const Struct<RedisSentinelStatus>& table<RedisSentinelStatus>() {
    using S = RedisSentinelStatus;
    static const Struct<S> kTable{"RedisSentinelStatus",
                                  "The Sentinels as they were seen last.",
                                  {field("summary", &S::summary)
                                       .size(0, kSummaryMax)
                                       .doc("Reachable of wanted.")
                                       .example("3/3"),
                                   field("reachable", &S::reachable)
                                       .between(0, kPodsMax)
                                       .unit("pods")
                                       .doc("Sentinels that answer.")
                                       .example("3"),
                                   field("agreeing", &S::agreeing)
                                       .between(0, kPodsMax)
                                       .unit("pods")
                                       .doc("Sentinels that name the same master.")
                                       .example("3")}};
    return kTable;
}

template <>
const Struct<RedisSwitchoverStatus>& table<RedisSwitchoverStatus>() {
    using S = RedisSwitchoverStatus;
    static const Struct<S> kTable{
        "RedisSwitchoverStatus",
        "The last planned change of the master.",
        {field("requestID", &S::request_id)
             .size(0, kLabelMax)
             .doc("The request that it answers; none where the operator needed it itself.")
             .example("maintenance-1"),
         field("from", &S::from).size(0, kNameMax).doc("The old master.").example("queue-0"),
         field("to", &S::to).size(0, kNameMax).doc("The new master.").example("queue-1"),
         field("reason", &S::reason)
             .size(0, kLabelMax)
             .doc("Requested, ScaleDown or Rollout.")
             .example("Requested"),
         field("outcome", &S::outcome)
             .size(0, kOutcomeMax)
             .doc("Done, or why the master stayed where it was.")
             .example("Done"),
         field("at", &S::at).doc("When it ended.").example("\"2026-11-21T08:00:00Z\""),
         field("pauseMilliseconds", &S::pause_milliseconds)
             .between(0, kCountMax)
             .unit("milliseconds")
             .doc("How long writes waited.")
             .example("450")}};
    return kTable;
}

template <>
const Struct<RedisBackupStatus>& table<RedisBackupStatus>() {
    using B = RedisBackupStatus;
    static const Struct<B> kTable{
        "RedisBackupStatus",
        "The last backup that ended, and the last one that can be restored.",
        {field("requestID", &B::request_id)
             .size(0, kLabelMax)
             .doc("The last request that was answered.")
             .example("before-upgrade"),
         field("name", &B::name)
             .size(0, kLabelMax)
             .doc("The last backup.")
             .example("20261121-030000"),
         field("outcome", &B::outcome)
             .size(0, kOutcomeMax)
             .doc("Done, or why there is no copy.")
             .example("Done"),
         field("at", &B::at).doc("When it was begun.").example("\"2026-11-21T03:00:00Z\""),
         field("goodName", &B::good_name)
             .size(0, kLabelMax)
             .doc("The last backup that was checked and kept.")
             .example("20261121-030000"),
         field("goodAt", &B::good_at)
             .doc("When that was begun: its data set is not older.")
             .example("\"2026-11-21T03:00:00Z\""),
         field("goodBytes", &B::good_bytes)
             .between(0, kCountMax)
             .unit("bytes")
             .doc("Its size.")
             .example("1048576")}};
    return kTable;
}

template <>
const Struct<RedisTopologyStatus>& table<RedisTopologyStatus>() {
    using S = RedisTopologyStatus;
    static const Struct<S> kTable{
        "RedisTopologyStatus",
        "What was observed last; written by the controller.",
        {field("observedGeneration", &S::observed_generation)
             .between(0, kCountMax)
             .doc("The metadata.generation that this status is about.")
             .example("3"),
         field("master", &S::master)
             .size(0, kNameMax)
             .doc("The pod that the Sentinels name as master.")
             .example("queue-0"),
         field("configEpoch", &S::config_epoch)
             .between(0, kCountMax)
             .doc("Grows with every change of the master.")
             .example("4"),
         field("replicas", &S::replicas)
             .between(0, kPodsMax)
             .unit("pods")
             .doc("Pods beside the master; read by the scale subresource.")
             .example("2"),
         field("readyReplicas", &S::ready_replicas)
             .between(0, kPodsMax)
             .unit("pods")
             .doc("Those that are in sync.")
             .example("2"),
         field("selector", &S::selector)
             .size(0, kSelectorMax)
             .doc("Selects the pods of replicas; read by the scale subresource.")
             .example("chatflow.dev/redis=queue,chatflow.dev/redis-role=replica"),
         field("replicasSummary", &S::replicas_summary)
             .size(0, kSummaryMax)
             .doc("In sync of wanted.")
             .example("2/2"),
         field("memorySummary", &S::memory_summary)
             .size(0, kSummaryMax)
             .doc("What the master uses of maxmemory.")
             .example("12%"),
         field("sentinels", &S::sentinels)
             .omit_if_new()
             .doc("The Sentinels as they were seen last."),
         field("nodes", &S::nodes)
             .size(0, kPodsMax)
             .keyed_by({"name"})
             .doc("The data nodes as they were seen last."),
         field("slotsAssigned", &S::slots_assigned)
             .between(0, kSlots)
             .unit("slots")
             .doc("Slots of a cluster that a master serves, of 16,384.")
             .example("16384"),
         field("shards", &S::shards)
             .size(0, kShardsMax)
             .keyed_by({"index"})
             .doc("The shards of a cluster as they were seen last."),
         field("lastSwitchover", &S::last_switchover).doc("The last planned change of the master."),
         field("backup", &S::backup).doc("Backups, if any were wanted."),
         field("conditions", &S::conditions)
             .size(0, kConditionsMax)
             .keyed_by({"type"})
             .doc("Ready: valid and carried out. Reconciling, Stalled: as kstatus reads them. "
                  "MasterAvailable, SentinelQuorum, ReplicationHealthy, ConfigApplied, "
                  "QueueSafe, of a cluster ClusterFormed and SlotsAssigned, with spec.tls "
                  "CertificateValid, with spec.backup BackupHealthy, with spec.bootstrap Restored: "
                  "what their names say.")}};
    return kTable;
}

}  // namespace chatflow::api::schema
