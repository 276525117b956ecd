#include "controller/domain/postgres/patroni_settings.hpp"

#include "controller/api/parameter_name.hpp"
#include "controller/domain/postgres/backup_settings.hpp"
#include "controller/domain/postgres/names.hpp"
#include "controller/domain/postgres/pooler.hpp"
#include "controller/domain/postgres/tls.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {

using nlohmann::json;

namespace {

struct Timings {
    int ttl;
    int loop_wait;
    int retry_timeout;
};

// loop_wait + 2 * retry_timeout <= ttl, and Patroni's least ttl is 20 s.
Timings timings_of(api::FailoverPreset preset) {
    switch (preset) {
        case api::FailoverPreset::Safe:
            return {.ttl = 30, .loop_wait = 10, .retry_timeout = 10};
        case api::FailoverPreset::Default:
            return {.ttl = 20, .loop_wait = 5, .retry_timeout = 7};
        case api::FailoverPreset::Fast:
            return {.ttl = 20, .loop_wait = 2, .retry_timeout = 3};
    }
    return {};
}

/// That part of the volume, from four segments to 1 GB.
std::string share_of(const api::PostgresStorage& storage, std::int64_t part) {
    constexpr std::int64_t kLeast = 64;
    constexpr std::int64_t kMost = 1024;
    const std::int64_t megabytes = (storage.size.milli() / 1000) >> 20;
    return fmt::format("{}MB", std::clamp(megabytes / part, kLeast, kMost));
}

/// Index hints and the runbook build upon it.
std::string with_statements(const std::string& libraries) {
    constexpr const char* kStatements = "pg_stat_statements";
    if (libraries.contains(kStatements)) return libraries;
    const bool has_others = libraries.find_first_not_of(" ") != std::string::npos;
    return has_others ? fmt::format("{}, {}", kStatements, libraries) : kStatements;
}

json parameters_of(const api::PostgresTopologySpec& spec) {
    json parameters{{"wal_level", "replica"},
                    {"hot_standby", "on"},
                    {"wal_log_hints", "on"},
                    {"password_encryption", "scram-sha-256"},
                    // WAL, also that for a standby that is away, must not fill the disk.
                    {"max_wal_size", share_of(spec.storage, 10)},
                    {"max_slot_wal_keep_size", share_of(spec.storage, 5)},
                    {"max_wal_senders", "20"},
                    {"max_replication_slots", "20"},
                    // A connection whose peer is gone is noticed within half a minute.
                    {"tcp_keepalives_idle", "10"},
                    {"tcp_keepalives_interval", "5"},
                    {"tcp_keepalives_count", "3"},
                    {"wal_sender_timeout", "15s"},
                    {"wal_receiver_timeout", "15s"},
                    // A standby looks for the new primary again at once: writes wait for it, also
                    // those that a planned handover has held.
                    {"wal_retrieve_retry_interval", "200ms"},
                    {"shared_preload_libraries", "pg_stat_statements"},
                    {"log_min_duration_statement", "500ms"},
                    // Statements without what people wrote, or the hash of a password.
                    {"log_parameter_max_length", "0"},
                    {"log_parameter_max_length_on_error", "0"}};
    parameters.update(archive_parameters(spec));
    for (const auto& [name, value] : spec.postgresql.parameters) {
        parameters[api::lower_case(name)] = value;
    }
    json& libraries = parameters["shared_preload_libraries"];
    libraries = with_statements(libraries.get<std::string>());
    return parameters;
}

/// The first line that fits decides: none of a user's can cut off replication or the operator.
json hba_of(const api::PostgresTopologySpec& spec) {
    const std::string replication = spec.tls.enabled ? "hostssl" : "host";
    const std::string clients = spec.tls.required ? "hostssl" : "host";
    json lines = json::array();
    lines.push_back("local all all peer");
    lines.push_back(replication + " replication standby all scram-sha-256");
    for (const char* name : {"postgres", "rewind"}) {
        lines.push_back(fmt::format("{} all {} all scram-sha-256", clients, name));
    }
    if (spec.pooler) {
        lines.push_back(fmt::format("{} postgres {} all scram-sha-256", clients, kPoolerUser));
    }
    for (const std::string& line : spec.postgresql.hba) lines.push_back(line);
    lines.push_back(clients + " all all all scram-sha-256");
    return lines;
}

json authentication_of(const api::PostgresTopologySpec& spec) {
    json users;
    for (const auto& [role, name] :
         {std::pair{"superuser", "postgres"}, {"replication", "standby"}, {"rewind", "rewind"}}) {
        users[role] = with_tls({{"username", name}}, spec.tls);
    }
    return users;
}

json names_of(const std::vector<std::string>& names) {
    json all = json::array();
    for (const std::string& name : names) all.push_back(name);
    return all;
}

// Once, on the first primary; Patroni appends the address. Databases made later have it, too.
constexpr const char* kAfterInitdb =
    R"(bash -c 'e="CREATE EXTENSION IF NOT EXISTS pg_stat_statements"; )"
    R"(exec psql -qX -d "$0" -c "$e" -c "\c template1" -c "$e"')";

}  // namespace

json dynamic_settings(const api::PostgresTopologySpec& spec,
                      const std::vector<std::string>& draining) {
    const Timings timings = timings_of(spec.failover.preset);
    return {
        {"ttl", timings.ttl},
        {"loop_wait", timings.loop_wait},
        {"retry_timeout", timings.retry_timeout},
        {"maximum_lag_on_failover", spec.failover.max_lag.milli() / 1000},
        // Patroni compares lengths of WAL. A primary that crashed in an earlier timeline has its
        // crash recovery end with a new segment: longer than all that was acknowledged since.
        {"check_timeline", true},
        // A standby that has every write is there sooner than a crashed primary has recovered;
        // without one, Patroni still waits for the recovery.
        {"primary_start_timeout", spec.durability == api::Durability::None ? 300 : 0},
        // Any standby may acknowledge, so that the restart of one holds up no write.
        {"synchronous_mode",
         spec.durability == api::Durability::None ? json(false) : json("quorum")},
        // For patroni-prompt, which every member runs.
        {"chatflow",
         {{"fenced", names_of(spec.fenced_instances)}, {"draining", names_of(draining)}}},
        {"synchronous_mode_strict", spec.durability == api::Durability::Required},
        {"postgresql",
         {{"use_pg_rewind", true},
          {"use_slots", true},
          {"remove_data_directory_on_rewind_failure", true},
          {"parameters", parameters_of(spec)},
          {"pg_hba", hba_of(spec)}}}};
}

std::chrono::seconds loop_wait(api::FailoverPreset preset) {
    return std::chrono::seconds{timings_of(preset).loop_wait};
}

std::chrono::seconds failover_takes(api::FailoverPreset preset) {
    return std::chrono::seconds{3 * timings_of(preset).ttl};
}

json settings_patch(const json& current, const json& wanted) {
    json patch;
    for (const auto& [key, value] : wanted.items()) {
        const auto found = current.find(key);
        if (found == current.end()) {
            patch[key] = value;
        } else if (value.is_object() && found->is_object()) {
            json inner = settings_patch(*found, value);
            if (key == "parameters") {
                for (const auto& [name, old] : found->items()) {
                    if (!value.contains(name)) inner[name] = nullptr;
                }
            }
            if (!inner.is_null()) patch[key] = std::move(inner);
        } else if (*found != value) {
            patch[key] = value;
        }
    }
    return patch;
}

std::string static_settings(const api::PostgresTopology& topology, Pool pool) {
    const std::string& name = topology.metadata.name;
    json tags{{"clonefrom", true}};
    if (pool == Pool::Read) tags.update({{"nofailover", true}, {"nosync", true}});
    json initdb =
        json::array({"data-checksums", json{{"encoding", "UTF8"}}, json{{"locale", "C.UTF-8"}},
                     json{{"auth-local", "peer"}}, json{{"auth-host", "scram-sha-256"}}});
    json bootstrap{{"dcs", dynamic_settings(topology.spec)},
                   {"initdb", std::move(initdb)},
                   {"post_init", kAfterInitdb}};
    if (topology.spec.bootstrap && topology.spec.bootstrap->recovery) {
        bootstrap["method"] = "restore";
        bootstrap["restore"] = restore_method(*topology.spec.bootstrap->recovery);
    }
    json parameters{{"unix_socket_directories", "/run/postgresql"}};
    parameters.update(tls_parameters(topology.spec.tls));
    const json settings{{"scope", read_write_service(name)},
                        {"tags", std::move(tags)},
                        {"restapi", {{"listen", "0.0.0.0:8008"}, {"request_queue_size", 32}}},
                        {"kubernetes",
                         {{"namespace", topology.metadata.name_space},
                          {"labels", pod_labels(name)},
                          {"scope_label", kScopeLabel},
                          {"role_label", "role"},
                          {"use_endpoints", true},
                          {"ports", json::array({json{{"name", "postgres"}, {"port", 5432}}})}}},
                        {"bootstrap", std::move(bootstrap)},
                        {"postgresql",
                         {{"listen", "0.0.0.0:5432"},
                          {"data_dir", "/var/lib/postgresql/data/pgdata"},
                          {"bin_dir", "/usr/lib/postgresql/17/bin"},
                          {"pgpass", "/tmp/pgpass"},
                          {"basebackup", {{"checkpoint", "fast"}}},
                          {"authentication", authentication_of(topology.spec)},
                          {"parameters", std::move(parameters)}}}};
    return settings.dump(1);
}

}  // namespace chatflow::postgres
