#include "controller/cli/redis_status.hpp"

#include "controller/api/names.hpp"
#include "controller/api/redis_topology_codec.hpp"
#include "controller/cli/paragraphs.hpp"

#include <chrono>
#include <string_view>

#include <fmt/format.h>

namespace chatflow::cli {
namespace {

bool is_cluster(const api::RedisTopology& topology) {
    return topology.spec.mode == api::RedisMode::Cluster;
}

std::string ago(TimePoint at, TimePoint now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - at).count();
    if (seconds < 120) return fmt::format("{} s ago", seconds);
    if (seconds < 7200) return fmt::format("{} min ago", seconds / 60);
    return fmt::format("{} h ago", seconds / 3600);
}

std::string bytes(std::int64_t count) {
    if (count < 1024) return fmt::format("{} B", count);
    if (count < (1 << 20)) return fmt::format("{} KiB", count / 1024);
    return fmt::format("{} MiB", count / (1 << 20));
}

std::string head_of(const api::RedisTopology& topology) {
    const api::RedisTopologySpec& spec = topology.spec;
    const api::RedisTopologyStatus& status = topology.status;
    const std::string& name = topology.metadata.name;
    std::string text = fmt::format("RedisTopology {}/{}\n", topology.metadata.name_space, name);
    const char* role = spec.role == api::RedisRole::Queue ? "queue" : "cache";
    const std::string memory = status.memory_summary.empty() ? "unknown" : status.memory_summary;
    if (is_cluster(topology)) {
        text += fmt::format("  cluster, role {}, {} shards, replicas in sync {}, memory {}\n", role,
                            spec.shards, status.replicas_summary, memory);
        text += fmt::format("  {} of 16384 slots served\n  clients {}-cluster:6379\n\n",
                            status.slots_assigned, name);
        return text;
    }
    text += fmt::format("  role {}, master {}, memory {}\n", role,
                        status.master.empty() ? "unknown" : status.master, memory);
    text += fmt::format("  replicas in sync {}, Sentinels {}\n", status.replicas_summary,
                        status.sentinels.summary);
    text += fmt::format("  write {0}-rw:6379, read {0}-ro:6379\n  Sentinels {0}-sentinel:26379\n\n",
                        name);
    return text;
}

std::string conditions_of(const api::RedisTopologyStatus& status) {
    std::string text;
    for (const char* type :
         {"Ready", "MasterAvailable", "SentinelQuorum", "ClusterFormed", "SlotsAssigned",
          "ReplicationHealthy", "ConfigApplied", "QueueSafe", "Reconciling", "Stalled"}) {
        const api::Condition* condition = api::find_condition(status.conditions, type);
        if (condition == nullptr) continue;
        text += padded(fmt::format("  {}", type), 26);
        text += padded(to_string(condition->status), 8) + condition->reason + "\n";
        const bool is_bad =
            (condition->status == api::ConditionStatus::True) ==
            (std::string_view(type) == "Stalled" || std::string_view(type) == "Reconciling");
        if (is_bad) text += paragraph(condition->message, 4);
    }
    return text;
}

std::string nodes_of(const api::RedisTopologyStatus& status) {
    std::string text = padded("  NODE", 34) + padded("ROLE", 13) + padded("LINK", 8) + "LAG\n";
    for (const api::RedisNodeStatus& node : status.nodes) {
        const bool is_replica = node.role == "replica";
        text += padded("  " + node.name, 33) + " " + padded(node.role, 12) + " " +
                padded(is_replica ? (node.link_up ? "up" : "down") : "-", 7) + " " +
                (is_replica ? bytes(node.lag_bytes) : "-") + "\n";
    }
    return text;
}

std::string shards_of(const api::RedisTopologyStatus& status) {
    if (status.shards.empty()) return {};
    std::string text =
        padded("\n  SHARD", 12) + padded("MASTER", 34) + padded("SLOTS", 8) + "IN SYNC\n";
    for (const api::RedisShardStatus& shard : status.shards) {
        text += padded(fmt::format("  {}", shard.index), 11) +
                padded(shard.master.empty() ? "none" : shard.master, 33) + " " +
                padded(std::to_string(shard.slots), 7) + " " + std::to_string(shard.in_sync) + "\n";
    }
    return text;
}

}  // namespace

std::string redis_text(const api::RedisTopology& topology, TimePoint now) {
    const api::RedisTopologyStatus& status = topology.status;
    std::string text =
        head_of(topology) + conditions_of(status) + "\n" + nodes_of(status) + shards_of(status);
    if (const auto& last = status.last_switchover) {
        text +=
            "\n" + paragraph(fmt::format("Last planned switch: {} to {}{}, {}: {}; {} ms.",
                                         last->from.empty() ? "unknown" : last->from, last->to,
                                         last->at ? ", " + ago(*last->at, now) : "", last->reason,
                                         last->outcome, last->pause_milliseconds));
    }
    return text;
}

}  // namespace chatflow::cli
