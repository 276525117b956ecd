#include "controller/domain/redis/backup.hpp"

#include "controller/domain/redis/backup_sources.hpp"
#include "libs/base/cron.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ranges>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace chatflow::redis_topology {
namespace {

using namespace std::chrono_literals;

constexpr auto kLate = 1h;  // after its time a backup that is not there is missed

/// The last moment of the schedule up to `at`.
std::optional<TimePoint> due_until(const api::RedisBackupSpec& spec, TimePoint at) {
    if (spec.schedule.empty()) return std::nullopt;
    const auto cron = Cron::parse(spec.schedule);
    const auto* zone = find_time_zone(spec.time_zone);
    return cron && zone != nullptr ? cron->last_until(at, *zone) : std::nullopt;
}

std::int64_t bytes_in(std::string_view result) {
    constexpr std::string_view kBytes = "bytes=";
    std::int64_t bytes = 0;
    if (const auto at = result.find(kBytes); at != result.npos) {
        const auto digits = result.substr(at + kBytes.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
    }
    return bytes;
}

/// What a Job that ended says, if that is news.
void note(const Job& job, api::RedisBackupStatus& status) {
    status.name = job.backup;
    status.at = job.made_at;
    if (!job.request_id.empty()) status.request_id = job.request_id;
    if (job.state == JobState::Failed) {
        status.outcome = job.result.empty() ? "the Job failed without a word" : job.result;
        return;
    }
    status.outcome = "Done";
    status.good_name = job.backup;
    status.good_at = job.made_at;
    status.good_bytes = bytes_in(job.result);
}

}  // namespace

std::string backup_name(TimePoint at) {
    return fmt::format("{:%Y%m%d-%H%M%S}", std::chrono::floor<std::chrono::seconds>(at));
}

BackupDecision decide_backup(const api::RedisTopology& topology, const Observed& seen) {
    BackupDecision decision{.status = topology.status.backup.value_or(api::RedisBackupStatus{})};
    std::vector<Job> jobs;
    std::ranges::copy_if(seen.jobs, std::back_inserter(jobs),
                         [](const Job& job) { return !job.is_restore; });
    std::ranges::sort(jobs, {}, &Job::made_at);
    for (const Job& job : jobs) {
        const bool is_news = !decision.status.at || job.made_at > *decision.status.at;
        if (job.state != JobState::Running && is_news) note(job, decision.status);
    }
    if (!topology.spec.backup || topology.spec.hibernated) return decision;
    if (std::ranges::contains(jobs, JobState::Running, &Job::state)) return decision;
    decision.from = backup_sources(topology, seen);
    if (decision.from.empty()) return decision;  // as soon as every shard has a node

    const api::RedisBackupSpec& spec = *topology.spec.backup;
    const bool is_asked = !spec.request_id.empty() && spec.request_id != decision.status.request_id;
    const auto due = due_until(spec, seen.now);
    const TimePoint since =
        decision.status.at.value_or(topology.metadata.creation_timestamp.value_or(seen.now));
    if (!is_asked && (!due || *due <= since)) return decision;
    decision.start = backup_name(seen.now);
    if (is_asked) decision.request_id = spec.request_id;
    return decision;
}

std::optional<Verdict> backup_healthy(const api::RedisTopology& topology,
                                      const api::RedisBackupStatus& status, TimePoint now) {
    if (!topology.spec.backup) return std::nullopt;
    if (!status.outcome.empty() && status.outcome != "Done") {
        return Verdict{false, "BackupFailed",
                       fmt::format("Backup {}: {}.", status.name, status.outcome)};
    }
    const TimePoint since =
        status.good_at.value_or(topology.metadata.creation_timestamp.value_or(now));
    const auto due = due_until(*topology.spec.backup, now - kLate);
    if (due && *due > since) {
        return Verdict{false, "BackupMissed",
                       fmt::format("There is no backup of {}.", format_rfc3339(*due))};
    }
    if (!status.good_at) return Verdict{true, "NoneYet", "No backup was due yet."};
    return Verdict{true, "Done",
                   fmt::format("Backup {} of {} bytes was checked and kept.", status.good_name,
                               status.good_bytes)};
}

}  // namespace chatflow::redis_topology
