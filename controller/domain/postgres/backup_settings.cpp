#include "controller/domain/postgres/backup_settings.hpp"

#include "controller/domain/objects/common.hpp"
#include "controller/domain/postgres/names.hpp"
#include "libs/base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {

using nlohmann::json;

namespace {

constexpr const char* kVolumeName = "backup";
constexpr const char* kRecoveryVolumeName = "recovery";
constexpr std::int64_t kQueuePart = 4;  // of the volume, for WAL that cannot be archived
constexpr std::int64_t kQueueLeast = std::int64_t{64} << 20;
// pgBackRest reports a file that it drops as archived, with a warning; it is noted beside the data,
// where it outlives the pod, or not dropped.
constexpr const char* kArchiveCommand =
    R"(bash -c 'words=$(pgbackrest archive-push "$1" 2>&1); code=$?; )"
    R"([[ -z $words ]] || echo "$words" >&2; [[ $words == *"dropped WAL"* ]] || exit $code; )"
    R"({ tail -n 999 ../archive-dropped 2>/dev/null; echo "$EPOCHSECONDS ${1##*/}"; } )"
    R"(>../archive-dropped.new && mv ../archive-dropped.new ../archive-dropped' - "%p")";
// A commit is in the archive at the latest after this time, also while little is written.
constexpr const char* kArchiveTimeout = "60s";

std::string claim_of(const api::PostgresTopology& topology,
                     const api::PostgresBackupVolume& volume) {
    return volume.claim_name.empty() ? topology.metadata.name + "-backup" : volume.claim_name;
}

std::string repository(const api::PostgresRepository& target, const char* folder) {
    if (!target.s3) return fmt::format("repo1-type=posix\nrepo1-path={}\n", folder);
    const api::PostgresObjectStore& s3 = *target.s3;
    return fmt::format(
        "repo1-type=s3\nrepo1-path={}\nrepo1-s3-bucket={}\nrepo1-s3-endpoint={}\n"
        "repo1-s3-region={}\nrepo1-s3-uri-style={}\nrepo1-storage-verify-tls={}\n",
        s3.prefix, s3.bucket, s3.endpoint, s3.region, s3.path_style ? "path" : "host",
        s3.verify_tls ? "y" : "n");
}

std::string server(const std::string& stanza) {
    return fmt::format(
        "\n[{}]\npg1-path=/var/lib/postgresql/data/pgdata\npg1-socket-path=/run/postgresql\n"
        "pg1-user=postgres\n",
        stanza);
}

std::int64_t wal_queue_max(const api::PostgresTopologySpec& spec) {
    if (spec.backup->wal_queue_max) return spec.backup->wal_queue_max->milli() / 1000;
    return std::max(kQueueLeast, spec.storage.size.milli() / 1000 / kQueuePart);
}

std::string quoted(const std::string& text) {
    std::string whole = "'";
    for (const char c : text) whole += c == '\'' ? std::string("''") : std::string(1, c);
    return whole + "'";
}

/// The lines that a program writes, into the session's table; nothing is taken for a separator.
std::string copy_from(const std::string& program) {
    return fmt::format(
        "COPY chatflow_lines FROM PROGRAM {} WITH (FORMAT csv, DELIMITER E'\\x01', "
        "QUOTE E'\\x02')",
        quoted(program));
}

/// "2026-11-21 18:00:00.123456+00": to the microsecond, as PostgreSQL compares.
std::string sql_time(TimePoint at) {
    std::string text = format_rfc3339_micro(at);
    text.replace(text.find('T'), 1, " ");
    text.replace(text.find('Z'), 1, "+00");
    return text;
}

}  // namespace

std::map<std::string, std::string> backup_files(const api::PostgresTopology& topology) {
    std::map<std::string, std::string> files;
    if (const auto& backup = topology.spec.backup) {
        files["pgbackrest.conf"] =
            fmt::format(
                "[global]\n{}repo1-retention-full={}\nrepo1-retention-full-type=count\n"
                "start-fast=y\ncompress-type=lz4\nlog-level-console=info\nlog-level-file=off\n"
                "archive-timeout=60\narchive-push-queue-max={}\n",
                repository(backup->target, "/backup"), backup->retention_full,
                wal_queue_max(topology.spec)) +
            server(topology.metadata.name);
    }
    if (const auto& bootstrap = topology.spec.bootstrap; bootstrap && bootstrap->recovery) {
        files["restore.conf"] =
            fmt::format("[global]\n{}log-level-console=info\nlog-level-file=off\n",
                        repository(bootstrap->recovery->target, "/recovery")) +
            server(bootstrap->recovery->source);
    }
    return files;
}

json archive_parameters(const api::PostgresTopologySpec& spec) {
    if (!spec.backup) return json::object();
    return {{"archive_mode", "on"},
            {"archive_command", kArchiveCommand},
            {"archive_timeout", kArchiveTimeout}};
}

json restore_method(const api::PostgresRecovery& recovery) {
    // The environment has those of spec.backup. A shell runs both commands.
    const std::string keys = recovery.target.s3
                                 ? "PGBACKREST_REPO1_S3_KEY=\"$RECOVERY_S3_KEY\" "
                                   "PGBACKREST_REPO1_S3_KEY_SECRET=\"$RECOVERY_S3_KEY_SECRET\" "
                                 : "";
    const std::string program = fmt::format(
        "{}pgbackrest --config=/etc/patroni/restore.conf --stanza={}", keys, recovery.source);
    json settings{{"restore_command", program + " archive-get %f \"%p\""},
                  {"recovery_target_action", "promote"},
                  {"recovery_target_timeline", "latest"}};
    std::string until;
    if (recovery.target_time) {
        settings["recovery_target_time"] = sql_time(*recovery.target_time);
        until = fmt::format(" --type=time --target=\"{}\"", sql_time(*recovery.target_time));
    }
    return {{"command", fmt::format("bash -c '{}{} restore'", program, until)},
            {"no_params", true},
            {"keep_existing_recovery_conf", false},
            {"recovery_conf", std::move(settings)}};
}

json backup_environment(const api::PostgresTopology& topology) {
    using objects::env_secret;
    using objects::env_value;
    json environment = json::array();
    const api::PostgresTopologySpec& spec = topology.spec;
    if (spec.backup || spec.bootstrap) {
        environment.push_back(env_value("PGBACKREST_LOG_PATH", "/tmp"));
        environment.push_back(env_value("PGBACKREST_LOCK_PATH", "/tmp/pgbackrest"));
    }
    if (spec.backup) {
        environment.push_back(env_value("PGBACKREST_CONFIG", "/etc/patroni/pgbackrest.conf"));
        environment.push_back(env_value("PGBACKREST_STANZA", topology.metadata.name));
        if (const auto& s3 = spec.backup->target.s3) {
            const std::string& secret = s3->credentials_secret;
            environment.push_back(env_secret("PGBACKREST_REPO1_S3_KEY", secret, "access-key"));
            environment.push_back(
                env_secret("PGBACKREST_REPO1_S3_KEY_SECRET", secret, "secret-key"));
        }
    }
    if (spec.bootstrap && spec.bootstrap->recovery && spec.bootstrap->recovery->target.s3) {
        const std::string& secret = spec.bootstrap->recovery->target.s3->credentials_secret;
        environment.push_back(env_secret("RECOVERY_S3_KEY", secret, "access-key"));
        environment.push_back(env_secret("RECOVERY_S3_KEY_SECRET", secret, "secret-key"));
    }
    return environment;
}

json backup_mounts(const api::PostgresTopologySpec& spec) {
    json mounts = json::array();
    if (spec.backup && spec.backup->target.volume) {
        mounts.push_back({{"name", kVolumeName}, {"mountPath", "/backup"}});
    }
    if (spec.bootstrap && spec.bootstrap->recovery && spec.bootstrap->recovery->target.volume) {
        mounts.push_back(
            {{"name", kRecoveryVolumeName}, {"mountPath", "/recovery"}, {"readOnly", true}});
    }
    return mounts;
}

json backup_volumes(const api::PostgresTopology& topology) {
    json volumes = json::array();
    const auto claim = [](const char* name, const std::string& claim_name) {
        return json{{"name", name}, {"persistentVolumeClaim", {{"claimName", claim_name}}}};
    };
    const api::PostgresTopologySpec& spec = topology.spec;
    if (spec.backup && spec.backup->target.volume) {
        volumes.push_back(claim(kVolumeName, claim_of(topology, *spec.backup->target.volume)));
    }
    if (spec.bootstrap && spec.bootstrap->recovery && spec.bootstrap->recovery->target.volume) {
        const api::PostgresRecovery& recovery = *spec.bootstrap->recovery;
        const std::string& given = recovery.target.volume->claim_name;
        volumes.push_back(
            claim(kRecoveryVolumeName, given.empty() ? recovery.source + "-backup" : given));
    }
    return volumes;
}

std::vector<api::Manifest> backup_objects(const api::PostgresTopology& topology) {
    const auto& backup = topology.spec.backup;
    if (!backup || !backup->target.volume || !backup->target.volume->claim_name.empty()) return {};
    const api::PostgresBackupVolume& volume = *backup->target.volume;
    const api::ObjectMeta meta{
        .name = claim_of(topology, volume),
        .name_space = topology.metadata.name_space,
        .labels = objects::with_common(pod_labels(topology.metadata.name), topology.metadata.name,
                                       "postgresql")};
    json spec{{"accessModes", json::array({volume.access_mode})},
              {"resources", {{"requests", {{"storage", to_string(volume.size)}}}}}};
    if (volume.class_name) spec["storageClassName"] = *volume.class_name;
    return {api::persistent_volume_claim(meta, std::move(spec))};
}

std::vector<std::string> observe_statements() {
    const std::string read = "SELECT string_agg(line, E'\\n') AS text FROM chatflow_lines";
    return {"CREATE TEMPORARY TABLE chatflow_lines (line text)",
            copy_from("pgbackrest --log-level-console=off --output=json info"),
            read,
            "TRUNCATE chatflow_lines",
            copy_from("tail -n 20 \"$PGBACKREST_LOG_PATH/backup.out\" 2>/dev/null || true"),
            read,
            "SELECT extract(epoch FROM last_archived_time)::bigint AS archived, "
            "extract(epoch FROM last_failed_time)::bigint AS failed, failed_count AS failures, "
            "current_setting('archive_mode') AS mode FROM pg_stat_archiver"};
}

std::vector<std::string> work_statements(const BackupPlan& plan) {
    std::string program;
    if (plan.work == BackupWork::CreateStanza) {
        program = "pgbackrest stanza-create";
    } else {
        // It goes on when the session has ended.
        const std::string request =
            plan.request.empty() ? "" : fmt::format(" --annotation=request={}", plan.request);
        program = fmt::format(
            "bash -c '(exec pgbackrest --type={}{} backup) "
            ">\"$PGBACKREST_LOG_PATH/backup.out\" 2>&1 </dev/null &'",
            plan.work == BackupWork::Full ? "full" : "incr", request);
    }
    return {"CREATE TEMPORARY TABLE chatflow_lines (line text)", copy_from(program)};
}

}  // namespace chatflow::postgres
