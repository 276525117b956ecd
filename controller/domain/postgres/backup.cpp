#include "controller/domain/postgres/backup.hpp"

#include "libs/base/cron.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {

using api::PostgresBackup;
using api::PostgresBackupRecord;
using api::PostgresBackupStatus;
using nlohmann::json;
using std::chrono::seconds;

namespace {

constexpr std::size_t kBackupsMax = 10'000;
constexpr std::size_t kFailureMax = 300;
// Clocks of the operator's machine and of the primary's.
constexpr seconds kClocksDiffer{5};

TimePoint moment(std::int64_t epoch) { return TimePoint{seconds{epoch}}; }

std::int64_t number_at(const json& object, const json::json_pointer& path) {
    if (!object.contains(path) || !object.at(path).is_number_integer()) return 0;
    return std::max<std::int64_t>(0, object.at(path).get<std::int64_t>());
}

std::string text_at(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

PostgresBackupRecord record_of(const json& backup) {
    static const json::json_pointer kStart("/timestamp/start");
    static const json::json_pointer kStop("/timestamp/stop");
    static const json::json_pointer kSize("/info/size");
    static const json::json_pointer kStored("/info/repository/delta");
    return {.label = text_at(backup, "label"),
            .type = text_at(backup, "type"),
            .started = moment(number_at(backup, kStart)),
            .finished = moment(number_at(backup, kStop)),
            .size_bytes = number_at(backup, kSize),
            .stored_bytes = number_at(backup, kStored)};
}

/// The last moment of the schedule; nothing for one that never comes.
std::optional<TimePoint> due_at(const PostgresBackup& backup, TimePoint now) {
    const auto cron = Cron::parse(backup.schedule);
    const auto* const zone = find_time_zone("UTC");
    if (!cron || zone == nullptr) return std::nullopt;
    return cron->last_until(now, *zone);
}

const PostgresBackupRecord* last_full(const SeenBackups& seen) {
    const PostgresBackupRecord* last = nullptr;
    for (const PostgresBackupRecord& record : seen.backups) {
        if (record.type == "full") last = &record;  // they are sorted
    }
    return last;
}

BackupWork kind_of(const PostgresBackup& backup, const PostgresBackupStatus& status,
                   const SeenBackups& seen, TimePoint now) {
    const PostgresBackupRecord* full = last_full(seen);
    const bool is_due =
        full == nullptr || now - full->started >= std::chrono::days{backup.full_every_days};
    return is_due || status.archive_hole ? BackupWork::Full : BackupWork::Incremental;
}

/// What was tried last did not arrive.
bool is_failing(const std::optional<TimePoint>& archived, const std::optional<TimePoint>& failed) {
    return failed && (!archived || *failed > *archived);
}

/// The line that says what went wrong.
std::string failure_of(const std::string& last_words) {
    const auto at = last_words.rfind("ERROR: ");
    if (at == std::string::npos) return "";
    std::string line = last_words.substr(at + 7, kFailureMax);
    return line.substr(0, line.find('\n'));
}

}  // namespace

std::optional<SeenBackups> read_backups(std::string_view body, const std::string& stanza) {
    static const json::json_pointer kHeld("/status/lock/backup/held");
    static const json::json_pointer kCode("/status/code");
    const json answer = json::parse(body, nullptr, false);
    if (!answer.is_array()) return std::nullopt;
    SeenBackups seen;
    for (const json& item : answer) {
        if (!item.is_object() || text_at(item, "name") != stanza) continue;
        // 0: ok, 2: no valid backups; others tell of a stanza that is missing or broken.
        const std::int64_t code = number_at(item, kCode);
        seen.has_stanza = code == 0 || code == 2;
        seen.is_running = item.contains(kHeld) && item.at(kHeld) == true;
        const auto backups = item.find("backup");
        if (backups == item.end() || !backups->is_array()) continue;
        for (const json& backup : *backups) {
            if (backup.is_object() && seen.backups.size() < kBackupsMax) {
                seen.backups.push_back(record_of(backup));
            }
        }
    }
    std::ranges::sort(seen.backups, {}, &PostgresBackupRecord::started);
    return seen;
}

PostgresBackupStatus with_archive(PostgresBackupStatus status, const SeenBackups& seen) {
    const PostgresBackupRecord* full = last_full(seen);
    const bool had_hole = status.archive_hole.has_value();
    status.archive_hole = archive_hole(std::move(status.archive_hole), seen.dropped,
                                       full ? std::optional(full->started) : std::nullopt);
    if (had_hole && !status.archive_hole) status.restorable_from = full->finished;
    return status;
}

BackupPlan plan_backup(const PostgresBackup& backup, const PostgresBackupStatus& status,
                       const SeenBackups& seen, TimePoint now) {
    if (!seen.has_stanza) {
        return {.work = BackupWork::CreateStanza,
                .reason = "the repository does not know this database yet",
                .request = ""};
    }
    if (seen.is_running) return {};
    const BackupWork kind = kind_of(backup, status, seen, now);
    if (!backup.request_id.empty() && backup.request_id != status.last_request) {
        return {.work = kind,
                .reason = fmt::format("backup {} was asked for", backup.request_id),
                .request = backup.request_id};
    }
    const bool is_recent = status.attempted_at && now - *status.attempted_at < kBackupRetry;
    // One that was made before has not closed it, and is no reason to wait; nor is one of the same
    // second, in which both of them are told.
    if (status.archive_hole && !is_failing(seen.archived_at, seen.archive_failed_at) &&
        (!is_recent ||
         std::chrono::floor<seconds>(*status.attempted_at) <= status.archive_hole->until)) {
        return {.work = kind, .reason = to_string(*status.archive_hole), .request = ""};
    }
    if (is_recent) return {};
    if (seen.backups.empty()) {
        return {.work = kind, .reason = "there is no backup yet", .request = ""};
    }
    const auto due = due_at(backup, now);
    if (!due || seen.backups.back().started >= *due) return {};
    return {.work = kind,
            .reason = fmt::format("it has been due since {}", format_rfc3339(*due)),
            .request = ""};
}

PostgresBackupStatus backup_status(const PostgresBackupStatus& before, const SeenBackups& seen,
                                   const BackupPlan& plan, TimePoint now) {
    PostgresBackupStatus status = before;
    status.count = static_cast<std::int32_t>(seen.backups.size());
    status.last.reset();
    if (seen.backups.empty()) {
        status.restorable_from.reset();
    } else {
        status.last = seen.backups.back();
        // A hole that has been closed lies between the oldest backups and this moment.
        status.restorable_from =
            std::max(status.restorable_from.value_or(TimePoint{}), seen.backups.front().finished);
    }
    status.archived_at = seen.archived_at;
    status.archive_failed_at = seen.archive_failed_at;
    status.archive_failures = seen.archive_failures;
    if (plan.work == BackupWork::Full || plan.work == BackupWork::Incremental) {
        status.attempted_at = now;
        if (!plan.request.empty()) status.last_request = plan.request;
        status.failure.clear();
        return status;
    }
    const bool succeeded = status.last && status.attempted_at &&
                           status.last->started >= *status.attempted_at - kClocksDiffer;
    if (succeeded) {
        status.failure.clear();
    } else if (status.attempted_at && !seen.is_running) {
        status.failure = failure_of(seen.last_words);
    }
    return status;
}

BackupHealth backup_health(const PostgresBackup& backup, const PostgresBackupStatus& status,
                           TimePoint now) {
    if (status.archive_hole) return {false, "ArchiveHole", to_string(*status.archive_hole)};
    if (is_failing(status.archived_at, status.archive_failed_at)) {
        return {false, "ArchiveFailing",
                fmt::format("WAL does not arrive in the repository, since {}: it stays on the "
                            "primary's volume, as far as spec.backup.walQueueMax allows",
                            format_rfc3339(*status.archive_failed_at))};
    }
    if (!status.failure.empty()) {
        return {false, "BackupFailed", "the last attempt failed: " + status.failure};
    }
    if (!status.last) return {false, "NoBackup", "there is no backup yet"};
    const auto due = due_at(backup, now);
    const auto before = due ? due_at(backup, *due - seconds{1}) : std::nullopt;
    if (before && status.last->started < *before) {
        return {false, "BackupOverdue",
                fmt::format("the last backup is of {}, and two have been due since",
                            format_rfc3339(status.last->finished))};
    }
    return {true, "BackupPresent",
            fmt::format("{} of {}; every moment since {} can be restored", status.last->label,
                        format_rfc3339(status.last->finished),
                        format_rfc3339(status.restorable_from.value_or(status.last->finished)))};
}

}  // namespace chatflow::postgres
