#include "controller/domain/postgres/backup.hpp"

#include "controller/domain/postgres/backup_settings.hpp"
#include "controller/domain/postgres/objects.hpp"
#include "controller/domain/postgres/patroni_settings.hpp"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {
namespace {

using namespace std::chrono_literals;
using api::PostgresBackup;
using api::PostgresBackupStatus;
using nlohmann::json;

// 2026-11-21T12:00:00Z
constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 12h};

api::PostgresBackupRecord made(const char* type, TimePoint at) {
    return {.label = type, .type = type, .started = at, .finished = at + 1min};
}

SeenBackups after(std::vector<api::PostgresBackupRecord> backups) {
    return {.has_stanza = true, .backups = std::move(backups)};
}

TEST(PlanBackup, PreparesTheRepositoryThenMakesAFullBackupAtOnce) {
    EXPECT_EQ(plan_backup({}, {}, {}, kNoon).work, BackupWork::CreateStanza);
    EXPECT_EQ(plan_backup({}, {}, after({}), kNoon).work, BackupWork::Full);
}

TEST(PlanBackup, FollowsTheScheduleAndMakesUpForWhatWasMissedOnce) {
    const PostgresBackup nightly{.schedule = "0 2 * * *"};
    const auto at_two = kNoon - 10h;
    EXPECT_EQ(plan_backup(nightly, {}, after({made("full", at_two)}), kNoon), BackupPlan{});
    const auto late = plan_backup(nightly, {}, after({made("full", at_two - 24h)}), kNoon);
    EXPECT_EQ(late.work, BackupWork::Incremental);
    EXPECT_TRUE(late.reason.contains("2026-11-21T02:00:00Z")) << late.reason;
}

TEST(PlanBackup, MakesAFullOneWhenTheLastIsOld) {
    const PostgresBackup nightly{.full_every_days = 7};
    const auto seen = after({made("full", kNoon - 170h), made("incr", kNoon - 30h)});
    EXPECT_EQ(plan_backup(nightly, {}, seen, kNoon - 10h).work, BackupWork::Incremental);
    EXPECT_EQ(plan_backup(nightly, {}, seen, kNoon).work, BackupWork::Full);
}

TEST(PlanBackup, CarriesARequestOutOnceAndNotBesideAnother) {
    const PostgresBackup asked{.request_id = "now"};
    auto seen = after({made("full", kNoon - 1h)});
    seen.is_running = true;
    EXPECT_EQ(plan_backup(asked, {}, seen, kNoon), BackupPlan{});
    seen.is_running = false;
    const auto plan = plan_backup(asked, {}, seen, kNoon);
    EXPECT_EQ(plan.request, "now");
    const auto status = backup_status({}, seen, plan, kNoon);
    EXPECT_EQ(status.last_request, "now");
    EXPECT_EQ(plan_backup(asked, status, seen, kNoon + 1h).work, BackupWork::None);
}

TEST(PlanBackup, AFailedAttemptIsToldAndRepeatedAfterAWhile) {
    const PostgresBackup nightly;
    auto seen = after({});
    auto status = backup_status({}, seen, plan_backup(nightly, {}, seen, kNoon), kNoon);
    seen.last_words = "P00   INFO: backup begin\nP00  ERROR: [082]: WAL did not arrive\n";
    status =
        backup_status(status, seen, plan_backup(nightly, status, seen, kNoon + 1min), kNoon + 1min);
    EXPECT_EQ(status.failure, "[082]: WAL did not arrive");
    EXPECT_EQ(backup_health(nightly, status, kNoon).reason, "BackupFailed");
    EXPECT_EQ(plan_backup(nightly, status, seen, kNoon + 4min).work, BackupWork::None);
    EXPECT_EQ(plan_backup(nightly, status, seen, kNoon + 5min).work, BackupWork::Full);
    seen.backups = {made("full", kNoon + 5min)};
    status = backup_status(status, seen, {}, kNoon + 7min);
    EXPECT_EQ(status.failure, "");
    EXPECT_EQ(status.restorable_from, kNoon + 6min);
}

TEST(BackupHealth, NamesWhatIsWrong) {
    const PostgresBackup nightly{.schedule = "0 2 * * *"};
    PostgresBackupStatus status;
    EXPECT_EQ(backup_health(nightly, status, kNoon).reason, "NoBackup");
    status.last = made("full", kNoon - 20h);
    EXPECT_TRUE(backup_health(nightly, status, kNoon).holds) << "one is being made, perhaps";
    status.last = made("full", kNoon - 40h);
    EXPECT_EQ(backup_health(nightly, status, kNoon).reason, "BackupOverdue");
    status.archived_at = kNoon - 1h;
    status.archive_failed_at = kNoon - 2h;
    EXPECT_EQ(backup_health(nightly, status, kNoon).reason, "BackupOverdue");
    status.archive_failed_at = kNoon;
    EXPECT_EQ(backup_health(nightly, status, kNoon).reason, "ArchiveFailing");
}

TEST(ReadBackups, TakesThoseOfTheStanza) {
    const auto seen = read_backups(
        R"([{"name":"other","status":{"code":0},"backup":[{"label":"X"}]},
            {"name":"chat","status":{"code":0,"lock":{"backup":{"held":true}}},"backup":[
             {"label":"20261121-120000F","type":"full","timestamp":{"start":1795262400,"stop":1795262460},
              "info":{"size":100,"repository":{"delta":40}}}]}])",
        "chat");
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->has_stanza);
    EXPECT_TRUE(seen->is_running);
    ASSERT_EQ(seen->backups.size(), 1);
    EXPECT_EQ(seen->backups[0].started, kNoon);
    EXPECT_EQ(seen->backups[0].size_bytes, 100);
    EXPECT_EQ(seen->backups[0].stored_bytes, 40);
    EXPECT_FALSE(read_backups("[]", "chat")->has_stanza);
    EXPECT_FALSE(read_backups(R"([{"name":"chat","status":{"code":1}}])", "chat")->has_stanza);
    EXPECT_FALSE(read_backups("no", "chat"));
    EXPECT_TRUE(read_backups(R"([{"name":"chat","backup":[7,{"label":7}]}])", "chat"));
}

api::PostgresTopology chat(const api::PostgresRepository& target) {
    api::PostgresTopology topology;
    topology.metadata = {.name = "chat", .name_space = "apps", .uid = "u-1"};
    topology.spec.backup = PostgresBackup{.target = target};
    return topology;
}

const api::PostgresRepository kVolume{.volume = api::PostgresBackupVolume{}, .s3 = std::nullopt};
const api::PostgresRepository kBucket{.volume = std::nullopt,
                                      .s3 = api::PostgresObjectStore{.bucket = "chat-backups",
                                                                     .endpoint = "s3.example.com",
                                                                     .region = "eu-central-1",
                                                                     .prefix = "/pg",
                                                                     .credentials_secret = "keys",
                                                                     .path_style = true}};

TEST(BackupObjects, EveryMemberMountsTheVolumeAndItStays) {
    const auto all = desired_objects(chat(kVolume), {});
    const auto find = [&](const char* path) {
        const auto found = std::ranges::find(all, path, &api::Manifest::path);
        if (found == all.end()) throw std::runtime_error(path);
        return found->object;
    };
    const json claim = find("persistentvolumeclaims/chat-backup");
    EXPECT_FALSE(claim["metadata"].contains("ownerReferences"));
    EXPECT_EQ(claim["spec"]["accessModes"][0], "ReadWriteMany");
    const json pod = find("statefulsets/chat")["spec"]["template"]["spec"];
    EXPECT_TRUE(std::ranges::contains(pod["containers"][0]["volumeMounts"],
                                      json{{"name", "backup"}, {"mountPath", "/backup"}}));
    const std::string conf = find("configmaps/chat-patroni")["data"]["pgbackrest.conf"];
    EXPECT_TRUE(conf.contains("repo1-path=/backup\n")) << conf;
    EXPECT_TRUE(conf.contains("[chat]\npg1-path=")) << conf;
    EXPECT_EQ(dynamic_settings(chat(kVolume).spec)["postgresql"]["parameters"]["archive_mode"],
              "on");
}

TEST(BackupObjects, TheKeysOfABucketComeFromItsSecret) {
    const std::string conf = backup_files(chat(kBucket)).at("pgbackrest.conf");
    EXPECT_TRUE(conf.contains("repo1-s3-bucket=chat-backups\n")) << conf;
    EXPECT_TRUE(conf.contains("repo1-s3-uri-style=path\n")) << conf;
    EXPECT_FALSE(conf.contains("repo1-s3-key")) << conf;
    const json environment = backup_environment(chat(kBucket));
    EXPECT_TRUE(environment.dump().contains(
        R"({"name":"PGBACKREST_REPO1_S3_KEY","valueFrom":{"secretKeyRef":{"key":"access-key","name":"keys"}}})"))
        << environment;
}

TEST(RestoreMethod, StopsAtTheMomentToTheMicrosecond) {
    const api::PostgresRecovery recovery{
        .source = "old", .target = kVolume, .target_time = kNoon + 123456us};
    const json method = restore_method(recovery);
    EXPECT_EQ(method["recovery_conf"]["recovery_target_time"], "2026-11-21 12:00:00.123456+00");
    EXPECT_EQ(method["command"],
              "bash -c 'pgbackrest --config=/etc/patroni/restore.conf --stanza=old --type=time "
              "--target=\"2026-11-21 12:00:00.123456+00\" restore'");
    auto all = recovery;
    all.target_time.reset();
    EXPECT_FALSE(restore_method(all)["recovery_conf"].contains("recovery_target_time"));
}

TEST(RestoreMethod, HandsKeysOverByTheEnvironment) {
    const api::PostgresRecovery recovery{
        .source = "old", .target = kBucket, .target_time = std::nullopt};
    const std::string command = restore_method(recovery)["recovery_conf"]["restore_command"];
    EXPECT_TRUE(command.starts_with("PGBACKREST_REPO1_S3_KEY=\"$RECOVERY_S3_KEY\" ")) << command;
}

TEST(WorkStatements, ABackupGoesOnWithoutItsSession) {
    const auto statements = work_statements(
        {.work = BackupWork::Incremental, .reason = "", .request = "before-upgrade"});
    EXPECT_TRUE(statements.back().contains("--type=incr --annotation=request=before-upgrade"));
    EXPECT_TRUE(statements.back().contains("&''' WITH")) << statements.back();
}

}  // namespace
}  // namespace chatflow::postgres
