#include "controller/domain/postgres/backup.hpp"
#include "controller/domain/postgres/backup_settings.hpp"
#include "controller/reconcilers/postgres/postgres_reconciler.hpp"
#include "libs/base/number.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace chatflow {

using postgres::BackupWork;

namespace {

// A look starts a program on the primary's pod and asks the repository.
constexpr std::chrono::seconds kLookPeriod{30};
constexpr std::chrono::seconds kBusyLookPeriod{5};
constexpr std::chrono::minutes kBusyTime{10};
constexpr std::chrono::seconds kLookTakes{15};
constexpr std::chrono::seconds kWorkTakes{30};

std::string text_of(const sql::Rows& rows, const char* column) {
    if (rows.empty()) return "";
    const auto found = rows.front().find(column);
    return found == rows.front().end() ? "" : found->second;
}

std::optional<std::int64_t> number_of(const sql::Rows& rows, const char* column) {
    return parse_number<std::int64_t>(text_of(rows, column));
}

std::optional<TimePoint> moment_of(const sql::Rows& rows, const char* column) {
    const auto epoch = number_of(rows, column);
    if (!epoch) return std::nullopt;
    return TimePoint{std::chrono::seconds{*epoch}};
}

/// Something has been begun that does not show as done yet.
bool is_busy(const api::PostgresBackup& backup, const api::PostgresBackupStatus& status,
             TimePoint now) {
    if (!backup.request_id.empty() && backup.request_id != status.last_request) return true;
    if (!status.attempted_at) return true;
    const bool is_done = status.last && status.last->started >= *status.attempted_at;
    return !is_done && now - *status.attempted_at < kBusyTime;
}

std::vector<postgres::DroppedWal> dropped_by(
    const std::map<std::string, postgres::ServerUse>& servers) {
    std::vector<postgres::DroppedWal> all;
    for (const auto& [name, use] : servers) {
        std::ranges::move(postgres::read_dropped(use.dropped_wal), std::back_inserter(all));
    }
    return all;
}

/// While the repository does not tell its backups: what was dropped before the newest one is known.
void note_dropped(api::PostgresBackupStatus& status, std::vector<postgres::DroppedWal> dropped) {
    std::erase_if(dropped, [&](const postgres::DroppedWal& wal) {
        return status.last && wal.at <= status.last->finished;
    });
    status.archive_hole =
        postgres::archive_hole(std::move(status.archive_hole), dropped, std::nullopt);
}

}  // namespace

awaitable<void> PostgresReconciler::look_after_backups(ObservedTopology& seen, Deadline deadline,
                                                       const Log& log) {
    const api::PostgresTopology& topology = seen.topology;
    if (!topology.spec.backup) co_return;
    const api::PostgresBackup& backup = *topology.spec.backup;
    seen.seen.backups = topology.status.backups.value_or(api::PostgresBackupStatus{});
    const auto primary = primary_of(seen);
    const TimePoint now = seen.seen.now;
    const auto period = is_busy(backup, *seen.seen.backups, now) ? kBusyLookPeriod : kLookPeriod;
    Memory& memory = memory_of(topology);
    if (!primary || now - memory.looked_at_backups < period) co_return;
    memory.looked_at_backups = now;
    std::string failure;
    try {
        auto found =
            co_await see_backups(*primary, topology.metadata.name, deadline.but_within(kLookTakes));
        if (!found) co_return;
        found->dropped = dropped_by(memory_of(topology).uses);
        if (found->backups.empty()) {
            note_dropped(*seen.seen.backups, found->dropped);
        } else {
            *seen.seen.backups = postgres::with_archive(std::move(*seen.seen.backups), *found);
        }
        const auto plan = topology.spec.paused
                              ? postgres::BackupPlan{}
                              : postgres::plan_backup(backup, *seen.seen.backups, *found, now);
        if (plan.work != BackupWork::None) {
            co_await parts_.sql.run(*primary, postgres::work_statements(plan),
                                    deadline.but_within(kWorkTakes));
            const bool is_backup = plan.work != BackupWork::CreateStanza;
            tell(topology, {is_backup ? "BackupStarted" : "RepositoryPrepared", plan.reason, false},
                 log);
            if (is_backup) parts_.exported.acted(key_of(topology.metadata), "Backup");
        }
        seen.seen.backups = postgres::backup_status(*seen.seen.backups, *found, plan, now);
    } catch (const sql::Error& error) {
        failure = error.what();
    }
    if (failure.empty()) co_return;
    log.warning("The backups cannot be seen", {{"error", failure}});
    seen.seen.backups->failure = failure;
    note_dropped(*seen.seen.backups, dropped_by(memory_of(topology).uses));
}

awaitable<std::optional<postgres::SeenBackups>> PostgresReconciler::see_backups(sql::Server primary,
                                                                                std::string stanza,
                                                                                Deadline deadline) {
    const auto rows =
        co_await parts_.sql.run(std::move(primary), postgres::observe_statements(), deadline);
    const sql::Rows& archiver = rows.at(postgres::kArchiverAt);
    // The restart that turns it on is still to come.
    if (text_of(archiver, "mode") != "on") co_return std::nullopt;
    auto seen = postgres::read_backups(text_of(rows.at(postgres::kInfoAt), "text"), stanza);
    if (!seen) throw sql::Error("the answer of pgbackrest info is not JSON");
    seen->last_words = text_of(rows.at(postgres::kWordsAt), "text");
    seen->archived_at = moment_of(archiver, "archived");
    seen->archive_failed_at = moment_of(archiver, "failed");
    seen->archive_failures = number_of(archiver, "failures").value_or(0);
    co_return seen;
}

}  // namespace chatflow
