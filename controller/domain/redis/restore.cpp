#include "controller/domain/redis/restore.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace chatflow::redis_topology {
namespace {

int shards_of(const api::RedisTopologySpec& spec) {
    return spec.mode == api::RedisMode::Cluster ? spec.shards : 1;
}

bool wants_restore(const api::RedisTopology& topology) {
    return topology.spec.bootstrap && topology.spec.bootstrap->from_backup;
}

const Job* restore_job(const Observed& seen, int shard) {
    const auto found = std::ranges::find_if(
        seen.jobs, [shard](const Job& job) { return job.is_restore && job.shard == shard; });
    return found == seen.jobs.end() ? nullptr : &*found;
}

/// "backup=NAME bytes=…", as the program ends.
std::string backup_in(std::string_view result) {
    constexpr std::string_view kBackup = "backup=";
    if (!result.starts_with(kBackup)) return {};
    return std::string(result.substr(kBackup.size(), result.find(' ') - kBackup.size()));
}

const Job* failed_job(const Observed& seen) {
    const auto found = std::ranges::find_if(
        seen.jobs, [](const Job& job) { return job.is_restore && job.state == JobState::Failed; });
    return found == seen.jobs.end() ? nullptr : &*found;
}

bool is_all_there(const api::RedisTopology& topology, const Observed& seen) {
    for (int shard = 0; shard < shards_of(topology.spec); ++shard) {
        const Job* job = restore_job(seen, shard);
        if (job == nullptr || job->state != JobState::Done) return false;
    }
    return true;
}

const api::Condition* told_before(const api::RedisTopology& topology) {
    const auto& all = topology.status.conditions;
    const auto found = std::ranges::find(all, "Restored", &api::Condition::type);
    const bool holds = found != all.end() && found->status == api::ConditionStatus::True;
    return holds ? &*found : nullptr;
}

std::string message_of(const api::RedisTopology& topology, const Job& first) {
    return fmt::format("{} began with a backup of {}: {}.",
                       topology.spec.mode == api::RedisMode::Cluster ? "The cluster's first shard"
                                                                     : "The first node",
                       topology.spec.bootstrap->from_backup->topology, first.result);
}

}  // namespace

std::vector<FirstData> missing_first_data(const api::RedisTopology& topology,
                                          const Observed& seen) {
    if (may_have_nodes(topology, seen)) return {};
    const Job* first = restore_job(seen, 0);
    if (first == nullptr) return {{0, topology.spec.bootstrap->from_backup->name}};
    if (first->state != JobState::Done) return {};
    std::vector<FirstData> missing;
    for (int shard = 1; shard < shards_of(topology.spec); ++shard) {
        if (restore_job(seen, shard) == nullptr)
            missing.push_back({shard, backup_in(first->result)});
    }
    return missing;
}

bool may_have_nodes(const api::RedisTopology& topology, const Observed& seen) {
    return !wants_restore(topology) || seen.nodes_now || is_all_there(topology, seen);
}

std::optional<Verdict> restored(const api::RedisTopology& topology, const Observed& seen) {
    if (!wants_restore(topology)) return std::nullopt;
    if (const api::Condition* before = told_before(topology); seen.nodes_now && before != nullptr) {
        return Verdict{true, before->reason, before->message};
    }
    if (is_all_there(topology, seen)) {
        return Verdict{true, "Restored", message_of(topology, *restore_job(seen, 0))};
    }
    if (seen.nodes_now) return Verdict{true, "NotNeeded", "The topology has had its nodes before."};
    if (const Job* failed = failed_job(seen)) {
        return Verdict{
            false, "RestoreFailed",
            fmt::format("{} Delete the Job {} to try again.", failed->result, failed->name)};
    }
    return Verdict{false, "Restoring",
                   fmt::format("A backup of {} is being copied.",
                               topology.spec.bootstrap->from_backup->topology)};
}

}  // namespace chatflow::redis_topology
