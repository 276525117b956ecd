#include "controller/clients/kube/api_error.hpp"
#include "controller/domain/redis/backup.hpp"
#include "controller/domain/redis/backup_objects.hpp"
#include "controller/domain/redis/names.hpp"
#include "controller/domain/redis/restore.hpp"
#include "controller/reconcilers/redis/redis_reconciler.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using namespace redis_topology;
using nlohmann::json;

std::string text_at(const json& object, const char* pointer) {
    const json::json_pointer path(pointer);
    return object.contains(path) && object[path].is_string() ? object[path].get<std::string>()
                                                             : std::string();
}

JobState state_of(const json& job) {
    const json status = job.value("status", json::object());
    for (const json& condition : status.value("conditions", json::array())) {
        if (condition.value("status", "") != "True") continue;
        if (condition.value("type", "") == "Complete") return JobState::Done;
        if (condition.value("type", "") == "Failed") return JobState::Failed;
    }
    return JobState::Running;
}

Job job_view(const json& object) {
    return {
        .name = text_at(object, "/metadata/name"),
        .is_restore = text_at(object, "/metadata/labels/chatflow.dev~1redis-part") == "restore",
        .shard = std::atoi(text_at(object, "/metadata/annotations/chatflow.dev~1shard").c_str()),
        .backup = text_at(object, "/metadata/annotations/chatflow.dev~1backup"),
        .request_id = text_at(object, "/metadata/annotations/chatflow.dev~1request"),
        .made_at =
            parse_rfc3339(text_at(object, "/metadata/creationTimestamp")).value_or(TimePoint{}),
        .state = state_of(object),
        .result = {}};
}

/// What the program left as its last word.
std::string last_word(const json& pod) {
    const json status = pod.value("status", json::object());
    for (const json& container : status.value("containerStatuses", json::array())) {
        const std::string word = text_at(container, "/state/terminated/message");
        if (!word.empty()) return word;
    }
    return {};
}

}  // namespace

awaitable<void> RedisReconciler::read_jobs(const api::RedisTopology& topology, Observed& seen,
                                           Deadline deadline) {
    const kube::Selection selection{
        .label_selector = fmt::format("{}={},{} in (backup,restore)", kTopologyLabel,
                                      topology.metadata.name, kPartLabel),
        .field_selector = ""};
    kube::Resource resource{.group = "batch",
                            .version = "v1",
                            .plural = "jobs",
                            .name_space = topology.metadata.name_space,
                            .name = {},
                            .subresource = ""};
    kube::ListSink jobs{.item = [&seen](json& job) { seen.jobs.push_back(job_view(job)); },
                        .restart = [&seen] { seen.jobs.clear(); }};
    co_await parts_.kube.list(resource, selection, std::move(jobs), deadline);
    if (seen.jobs.empty()) co_return;
    resource.group.clear();
    resource.plural = "pods";
    kube::ListSink pods{.item =
                            [&seen](json& pod) {
                                const std::string owner =
                                    text_at(pod, "/metadata/labels/batch.kubernetes.io~1job-name");
                                const auto job = std::ranges::find(seen.jobs, owner, &Job::name);
                                const std::string word = last_word(pod);
                                if (job != seen.jobs.end() && !word.empty()) job->result = word;
                            },
                        .restart = [] {}};
    co_await parts_.kube.list(resource, selection, std::move(pods), deadline);
}

awaitable<void> RedisReconciler::keep_backups(const api::RedisTopology& topology,
                                              const Observed& seen, Memory& memory,
                                              Outcome& outcome, Deadline deadline, const Log& log) {
    if (!topology.spec.backup) co_return;
    const BackupDecision decision = decide_backup(topology, seen);
    const auto before = memory.status.backup.value_or(api::RedisBackupStatus{});
    if (decision.status.name != before.name) {
        const bool is_good = decision.status.outcome == "Done";
        parts_.metrics.acted(topology, is_good ? "BackupMade" : "BackupFailed");
        tell(topology, !is_good, is_good ? "BackupMade" : "BackupFailed",
             fmt::format("{}: {}", decision.status.name, decision.status.outcome), log);
    }
    if (!decision.status.name.empty()) memory.status.backup = decision.status;
    outcome.backup = backup_healthy(topology, decision.status, seen.now);
    if (!decision.start) co_return;
    co_await apply_object(topology, backup_claim(topology), deadline);
    co_await apply_object(
        topology,
        backup_job(topology, *decision.start, decision.request_id, decision.from, parts_.image),
        deadline);
    tell(topology, false, "BackupBegun",
         fmt::format("{}: from {}", *decision.start, fmt::join(decision.from, ", ")), log);
}

awaitable<void> RedisReconciler::bring_first_data(const api::RedisTopology& topology,
                                                  const Observed& seen, Deadline deadline,
                                                  const Log& log) {
    for (const FirstData& data : missing_first_data(topology, seen)) {
        co_await apply_object(topology, first_data_claim(topology, data.shard), deadline);
        co_await apply_object(topology, restore_job(topology, data, parts_.image), deadline);
        tell(topology, false, "Restoring",
             fmt::format("A backup of {} is brought to the first node of shard {}.",
                         topology.spec.bootstrap->from_backup->topology, data.shard),
             log);
    }
}

}  // namespace chatflow
