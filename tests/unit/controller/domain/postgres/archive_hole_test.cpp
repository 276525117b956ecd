#include "controller/domain/postgres/archive_hole.hpp"

#include "controller/domain/postgres/backup.hpp"
#include "controller/domain/postgres/backup_settings.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {
namespace {

using namespace std::chrono_literals;
using api::PostgresBackup;
using api::PostgresBackupStatus;

// 2026-11-21T12:00:00Z
constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 12h};

DroppedWal dropped(const char* file, TimePoint at) { return {.at = at, .file = file}; }

SeenBackups after_full(TimePoint began, std::vector<DroppedWal> dropped = {}) {
    return {.has_stanza = true,
            .backups = {{.label = "F", .type = "full", .started = began, .finished = began + 1min}},
            .archived_at = began + 2min,
            .dropped = std::move(dropped)};
}

TEST(ReadDropped, TakesTheLinesThatTheArchiveCommandWrote) {
    EXPECT_EQ(
        read_dropped("1763726400 00000002000000000000000A\n\nno\n1763726401 00000003.history"),
        (std::vector{dropped("00000002000000000000000A", TimePoint{1763726400s}),
                     dropped("00000003.history", TimePoint{1763726401s})}));
    EXPECT_EQ(read_dropped(""), std::vector<DroppedWal>{});
}

TEST(ArchiveHole, SpansAllThatWasDroppedWhateverTheOrderAndTheTimeline) {
    const auto hole = archive_hole(
        {},
        {dropped("000000020000000100000000", kNoon + 2s),
         dropped("0000000100000000000000FE", kNoon), dropped("00000002.history", kNoon + 3s)},
        {});
    ASSERT_TRUE(hole);
    EXPECT_EQ(hole->from_lsn, "0/FE000000");
    EXPECT_EQ(hole->to_lsn, "1/1000000");
    EXPECT_EQ(hole->since, kNoon);
    EXPECT_EQ(hole->until, kNoon + 3s);
    EXPECT_TRUE(to_string(*hole).starts_with("WAL from 0/FE000000 to 1/1000000 is missing"));
}

TEST(ArchiveHole, WhatIsNoPlaceInTheLogGivesWayToWhatWasDropped) {
    for (const char* text : {"", "0", "000000000/0", "0/000000000", "0/-1", "x/0"}) {
        const api::PostgresArchiveHole before{
            .from_lsn = text, .to_lsn = text, .since = kNoon, .until = kNoon};
        const auto hole = archive_hole(before, {dropped("000000010000000000000003", kNoon)}, {});
        ASSERT_TRUE(hole);
        EXPECT_EQ(hole->from_lsn, "0/3000000") << text;
        EXPECT_EQ(hole->to_lsn, "0/4000000") << text;
    }
}

TEST(ArchiveHole, StaysAlthoughItsNotesAreGoneUntilAFullBackupBeganBehindIt) {
    const auto hole = archive_hole({}, {dropped("000000010000000000000003", kNoon)}, kNoon - 1h);
    EXPECT_EQ(archive_hole(hole, {}, kNoon - 1h), hole);
    EXPECT_EQ(archive_hole(hole, {}, kNoon), hole);
    EXPECT_FALSE(archive_hole(hole, {}, kNoon + 1s));
    EXPECT_FALSE(archive_hole({}, {dropped("000000010000000000000003", kNoon)}, kNoon + 1s));
}

TEST(ArchiveHole, IsToldUntilAFullBackupThatIsMadeAtOnceHasClosedIt) {
    const PostgresBackup nightly;
    const auto before = after_full(kNoon - 1h, {dropped("000000010000000000000003", kNoon)});
    auto status = with_archive({}, before);
    ASSERT_TRUE(status.archive_hole);
    status.last = before.backups.back();
    status.attempted_at = kNoon - 1min;
    const auto health = backup_health(nightly, status, kNoon + 1min);
    EXPECT_EQ(health.reason, "ArchiveHole");
    EXPECT_FALSE(health.holds);
    const auto plan = plan_backup(nightly, status, before, kNoon + 1min);
    EXPECT_EQ(plan.work, BackupWork::Full);
    EXPECT_TRUE(plan.reason.contains("0/3000000")) << plan.reason;
    status = backup_status(status, before, plan, kNoon + 1min);
    EXPECT_TRUE(status.archive_hole);
    EXPECT_EQ(plan_backup(nightly, status, before, kNoon + 2min).work, BackupWork::None);

    auto after = after_full(kNoon + 1min, before.dropped);
    after.backups.insert(after.backups.begin(), before.backups.front());
    status = backup_status(with_archive(status, after), after, {}, kNoon + 4min);
    EXPECT_FALSE(status.archive_hole);
    EXPECT_EQ(backup_health(nightly, status, kNoon + 4min).reason, "BackupPresent");
    // Not every moment since the first backup: some were in the hole.
    EXPECT_EQ(status.restorable_from, kNoon + 2min);
    status = backup_status(with_archive(status, after), after, {}, kNoon + 5min);
    EXPECT_EQ(status.restorable_from, kNoon + 2min);
}

TEST(ArchiveHole, ABackupThatWasBegunInTheSameSecondIsMadeOnceMoreAtOnce) {
    const auto seen = after_full(kNoon, {dropped("000000010000000000000003", kNoon)});
    auto status = with_archive({}, seen);
    ASSERT_TRUE(status.archive_hole);  // nobody knows which of the two came first
    status.attempted_at = kNoon + 300ms;
    EXPECT_EQ(plan_backup({}, status, seen, kNoon + 1min).work, BackupWork::Full);
    status.attempted_at = kNoon + 1s;
    EXPECT_EQ(plan_backup({}, status, seen, kNoon + 1min).work, BackupWork::None);
}

TEST(ArchiveHole, NoBackupIsBegunWhileTheRepositoryTakesNothing) {
    auto seen = after_full(kNoon - 1h, {dropped("000000010000000000000003", kNoon)});
    seen.archive_failed_at = kNoon + 1min;
    const auto status = with_archive({}, seen);
    EXPECT_EQ(plan_backup({}, status, seen, kNoon + 1min).work, BackupWork::None);
}

TEST(BackupSettings, WalThatCannotBeArchivedTakesAtMostAQuarterOfTheVolumeOrWhatTheSpecSays) {
    api::PostgresTopology topology;
    topology.spec.storage.size = api::Quantity::from_units(std::int64_t{8} << 30);
    topology.spec.backup.emplace();
    const auto conf = [&] { return backup_files(topology).at("pgbackrest.conf"); };
    EXPECT_TRUE(conf().contains("archive-push-queue-max=2147483648\n")) << conf();
    topology.spec.backup->wal_queue_max = api::Quantity::from_units(std::int64_t{64} << 20);
    EXPECT_TRUE(conf().contains("archive-push-queue-max=67108864\n")) << conf();
}

}  // namespace
}  // namespace chatflow::postgres
