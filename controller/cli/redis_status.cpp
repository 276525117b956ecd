#include "controller/cli/redis_status.hpp"

#include "controller/api/names.hpp"
#include "controller/api/redis_topology_codec.hpp"
#include "controller/cli/paragraphs.hpp"

#include <chrono>
#include <cstddef>
#include <string_view>

#include <fmt/format.h>

namespace chatflow::cli {
namespace {

constexpr std::size_t kNameColumns = 33;

bool is_cluster(const api::RedisTopology& topology) {
    return topology.spec.mode == api::RedisMode::Cluster;
}

std::string age(TimePoint at, TimePoint now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - at).count();
    if (seconds < 120) return fmt::format("{} s", seconds);
    if (seconds < 7200) return fmt::format("{} min", seconds / 60);
    return fmt::format("{} h", seconds / 3600);
}

std::string ago(TimePoint at, TimePoint now) { return age(at, now) + " ago"; }

std::string bytes(std::int64_t count) {
    if (count < 1024) return fmt::format("{} B", count);
    if (count < (1 << 20)) return fmt::format("{} KiB", count / 1024);
    return fmt::format("{} MiB", count / (1 << 20));
}

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

/// What there is of it, and where clients come in.
std::string head_of(const api::RedisTopology& topology) {
    const api::RedisTopologySpec& spec = topology.spec;
    const api::RedisTopologyStatus& status = topology.status;
    const std::string& name = topology.metadata.name;
    std::string text = fmt::format("RedisTopology {}/{}\n", topology.metadata.name_space, name);
    const char* role = spec.role == api::RedisRole::Queue ? "queue" : "cache";
    if (is_cluster(topology)) {
        text += paragraph(fmt::format("cluster, role {}, {} shards", role, spec.shards), 2);
        if (spec.hibernated) return text;
        text += paragraph(fmt::format("replicas in sync {}, memory {}, {} of 16384 slots served",
                                      or_unknown(status.replicas_summary),
                                      or_unknown(status.memory_summary), status.slots_assigned),
                          2);
        return text + paragraph(fmt::format("clients {}-cluster:6379", name), 2);
    }
    if (spec.hibernated) return text + fmt::format("  role {}\n", role);
    text += paragraph(fmt::format("role {}, master {}, memory {}", role, or_unknown(status.master),
                                  or_unknown(status.memory_summary)),
                      2);
    text += paragraph(
        fmt::format("replicas in sync {}, Sentinels {}", or_unknown(status.replicas_summary),
                    or_unknown(status.sentinels.summary)),
        2);
    text += paragraph(fmt::format("write {0}-rw:6379, read {0}-ro:6379", name), 2);
    return text + paragraph(fmt::format("Sentinels {}-sentinel:26379", name), 2);
}

/// How to take a field of the spec back, to be copied.
std::string patch_of(const api::RedisTopology& topology, std::string_view field) {
    return fmt::format("    kubectl patch rt {} -n {} \\\n      --type merge -p '{}'\n",
                       topology.metadata.name, topology.metadata.name_space,
                       fmt::format(R"({{"spec":{{"{}":false}}}})", field));
}

bool is_switch_due(const api::RedisTopology& topology) {
    const auto& asked = topology.spec.switchover;
    const auto& last = topology.status.last_switchover;
    return asked && !asked->request_id.empty() && (!last || last->request_id != asked->request_id);
}

std::string due_switch_of(const api::RedisTopology& topology) {
    const api::RedisSwitchover& asked = *topology.spec.switchover;
    const api::Condition* applied =
        api::find_condition(topology.status.conditions, "ConfigApplied");
    const bool waits = applied != nullptr && applied->status == api::ConditionStatus::False;
    return fmt::format("Switch {} to {} is asked for and not done yet{}", asked.request_id,
                       asked.target.empty() ? "the best replica" : asked.target,
                       waits ? ": " + applied->message : ".");
}

/// What somebody has asked for that explains the rest, and whether the rest is of now.
std::string notices_of(const api::RedisTopology& topology) {
    const api::RedisTopologyStatus& status = topology.status;
    std::string text;
    if (status.conditions.empty()) {
        text += paragraph("The operator has not looked at it yet: does it run?", 2);
    } else if (status.observed_generation < topology.metadata.generation) {
        text += paragraph(
            "The operator has not seen the last change of the spec yet; what "
            "follows is from before.",
            2);
    }
    if (topology.spec.paused) {
        text += paragraph(
                    "PAUSED: the operator changes nothing; Sentinels, or the cluster's "
                    "masters, still elect. It goes on with",
                    2) +
                patch_of(topology, "paused");
    }
    if (topology.spec.hibernated) {
        text += paragraph(topology.spec.appendonly
                              ? "HIBERNATED: no pods; volumes, Secrets and addresses stay. It "
                                "wakes with"
                              : "HIBERNATED: no pods, and no keys (appendonly is off); Secrets "
                                "and addresses stay. It wakes with",
                          2) +
                patch_of(topology, "hibernated");
    }
    if (is_switch_due(topology)) text += paragraph(due_switch_of(topology), 2);
    return text.empty() ? text : "\n" + text;
}

std::string conditions_of(const api::RedisTopologyStatus& status, TimePoint now) {
    std::string text;
    for (const char* type :
         {"Ready", "MasterAvailable", "SentinelQuorum", "ClusterFormed", "SlotsAssigned",
          "ReplicationHealthy", "ConfigApplied", "QueueSafe", "CertificateValid", "BackupHealthy",
          "Restored", "Reconciling", "Stalled"}) {
        const api::Condition* condition = api::find_condition(status.conditions, type);
        if (condition == nullptr) continue;
        const bool is_summary = std::string_view(type) == "Ready";
        // The notice above says it already.
        if (condition->reason == "Hibernated" && !is_summary) continue;
        text += padded(fmt::format("  {}", type), 26);
        text += padded(to_string(condition->status), 8) + condition->reason;
        const bool is_bad =
            (condition->status == api::ConditionStatus::True) ==
            (std::string_view(type) == "Stalled" || std::string_view(type) == "Reconciling");
        if (is_bad && condition->last_transition_time != TimePoint{}) {
            text += ", since " + age(condition->last_transition_time, now);
        }
        text += "\n";
        if (is_bad) text += paragraph(condition->message, 4);
    }
    return text.empty() ? text : "\n" + text;
}

/// A name that is too long for its column has a line of its own.
std::string in_name_column(const std::string& name) {
    const std::string text = "  " + name;
    if (columns_of(text) <= kNameColumns) return padded(text, kNameColumns) + " ";
    return text + "\n" + padded("", kNameColumns) + " ";
}

std::string nodes_of(const api::RedisTopologyStatus& status) {
    if (status.nodes.empty()) return {};
    std::string text =
        "\n" + padded("  NODE", 34) + padded("ROLE", 13) + padded("LINK", 8) + "LAG\n";
    for (const api::RedisNodeStatus& node : status.nodes) {
        const bool is_replica = node.role == "replica";
        text += in_name_column(node.name) + padded(node.role, 12) + " " +
                padded(is_replica ? (node.link_up ? "up" : "down") : "-", 7) + " " +
                (is_replica ? bytes(node.lag_bytes) : "-") + "\n";
    }
    return text;
}

std::string shards_of(const api::RedisTopologyStatus& status) {
    if (status.shards.empty() || status.nodes.empty()) return {};
    std::string text =
        padded("\n  SHARD", 12) + padded("SLOTS", 8) + padded("IN SYNC", 10) + "MASTER\n";
    for (const api::RedisShardStatus& shard : status.shards) {
        text += padded(fmt::format("  {}", shard.index), 11) +
                padded(std::to_string(shard.slots), 8) + padded(std::to_string(shard.in_sync), 10) +
                (shard.master.empty() ? "none" : shard.master) + "\n";
    }
    return text;
}

std::string last_switch_of(const api::RedisSwitchoverStatus& last, TimePoint now) {
    const bool is_done = last.outcome.starts_with("Done");
    return paragraph(
        fmt::format("Last planned switch{}: {} to {}{}, {}: {}; writes waited {} ms.",
                    is_done ? "" : " FAILED", last.from.empty() ? "unknown" : last.from,
                    last.to.empty() ? "nobody" : last.to, last.at ? ", " + ago(*last.at, now) : "",
                    last.reason, last.outcome, last.pause_milliseconds));
}

std::string last_backup_of(const api::RedisBackupStatus& backup, TimePoint now) {
    if (!backup.good_at) return "Last good backup: none.\n";
    return paragraph(fmt::format("Last good backup: {}, {}, {}.", backup.good_name,
                                 ago(*backup.good_at, now), bytes(backup.good_bytes)));
}

}  // namespace

std::string redis_text(const api::RedisTopology& topology, TimePoint now) {
    const api::RedisTopologyStatus& status = topology.status;
    std::string text = head_of(topology) + notices_of(topology) + conditions_of(status, now) +
                       nodes_of(status) + shards_of(status);
    if (status.last_switchover || status.backup) text += "\n";
    if (status.last_switchover) text += last_switch_of(*status.last_switchover, now);
    if (status.backup) text += last_backup_of(*status.backup, now);
    return text;
}

}  // namespace chatflow::cli
