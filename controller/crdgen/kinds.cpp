#include "controller/crdgen/kinds.hpp"

#include "controller/api/postgres_topology_codec.hpp"
#include "controller/api/postgres_topology_tables.hpp"
#include "controller/api/redis_topology_codec.hpp"
#include "controller/api/redis_topology_tables.hpp"
#include "controller/api/scaling_policy_codec.hpp"
#include "controller/api/tables.hpp"

namespace chatflow::crdgen {

namespace {

constexpr std::string_view kReadyStatus = ".status.conditions[?(@.type==\"Ready\")].status";
constexpr std::string_view kReadyReason = ".status.conditions[?(@.type==\"Ready\")].reason";
constexpr std::string_view kReadyMessage = ".status.conditions[?(@.type==\"Ready\")].message";

CustomKind postgres_topology() {
    return custom_kind<api::PostgresTopology>(
        "pgt",
        {{"Primary", "string", ".status.currentPrimary", "Pod that takes the writes."},
         {"Members", "string", ".status.membersReady", "Ready of wanted members."},
         {"Read", "integer", ".status.readyReadReplicas", "Ready read replicas."},
         {"Sync", "string", ".status.conditions[?(@.type==\"SyncReplicationHealthy\")].status",
          "Whether acknowledged writes are as durable as asked for."},
         {"Lag", "integer", ".status.lagBytesMax", "Bytes that the slowest is behind."},
         {"Ready", "string", kReadyStatus, "Whether it is valid, carried out and writable."},
         {"Reason", "string", kReadyReason, "Why, in one word.", 1},
         {"TL", "integer", ".status.timeline", "Timeline of the primary.", 1},
         {"Last-Failover", "date", ".status.lastTransition.at", "Since the last change.", 1},
         {"Message", "string", kReadyMessage, "Why, in a sentence.", 1}},
        ScalePaths{.spec_replicas = ".spec.readReplicas",
                   .status_replicas = ".status.readReplicas",
                   .selector = ".status.readReplicaSelector"});
}

CustomKind redis_topology() {
    return custom_kind<api::RedisTopology>(
        "rt",
        {{"Mode", "string", ".spec.mode", "How the data is kept."},
         {"Master", "string", ".status.master", "The pod that takes writes."},
         {"Replicas", "string", ".status.replicasSummary", "In sync of wanted."},
         {"Sentinels", "string", ".status.sentinels.summary", "Reachable of wanted."},
         {"Memory", "string", ".status.memorySummary", "What is used of maxmemory."},
         {"Ready", "string", kReadyStatus, "Whether the topology is as it is wanted."},
         {"Reason", "string", kReadyReason, "Why, in one word.", 1},
         {"Epoch", "integer", ".status.configEpoch", "Grows with each new master.", 1},
         {"Message", "string", kReadyMessage, "Why, in a sentence.", 1}},
        ScalePaths{.spec_replicas = ".spec.replicas",
                   .status_replicas = ".status.replicas",
                   .selector = ".status.selector"});
}

CustomKind scaling_policy() {
    return custom_kind<api::ScalingPolicy>(
        "sp",
        {{"Ready", "string", kReadyStatus, "Whether the policy is valid and carried out."},
         {"Reason", "string", kReadyReason, "Why, in one word."},
         {"Replicas", "integer", ".status.desiredReplicas", "Replicas decided upon."},
         {"Min", "integer", ".status.bounds.min", "Never fewer, at present."},
         {"Max", "integer", ".status.bounds.max", "Never more, at present."},
         {"CPU", "integer", ".status.utilizationPercent", "Usage in percent of the requests."},
         {"Target", "string", ".spec.targetRef.name", "What is scaled.", 1},
         {"Mode", "string", ".spec.mode", "Enforce or Observe.", 1},
         {"Control", "string", ".status.lastDecision.decision.controls[0].type",
          "The strongest control in force.", 1},
         {"Last-Scale", "date", ".status.lastScaleTime", "Since the last change.", 1},
         {"Message", "string", kReadyMessage, "Why, in a sentence.", 1}});
}

}  // namespace

const std::vector<CustomKind>& custom_kinds() {
    static const std::vector<CustomKind> kKinds{scaling_policy(), postgres_topology(),
                                                redis_topology()};
    return kKinds;
}

}  // namespace chatflow::crdgen
