#include "controller/api/parameter_name.hpp"
#include "controller/api/patterns.hpp"
#include "controller/api/postgres_topology_tables.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace chatflow::api::schema {

namespace {

constexpr std::size_t kParametersMax = 64;
constexpr std::size_t kParameterMax = 1024;  // characters of one value
constexpr std::size_t kHbaLinesMax = 32;
constexpr std::size_t kHbaLineMax = 256;
constexpr std::size_t kImageMax = 512;
constexpr Quantity kGibi = Quantity::from_units(std::int64_t{1} << 30);
constexpr Quantity kMebi = Quantity::from_units(std::int64_t{1} << 20);

constexpr Pattern kRequestId{"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
                             "letters, digits, '-', '_' and '.', such as 2026-11-21-1"};

// What Patroni, replication or the Services depend upon.
constexpr std::array<std::string_view, 24> kManaged{"archive_command",
                                                    "archive_mode",
                                                    "cluster_name",
                                                    "config_file",
                                                    "data_directory",
                                                    "hba_file",
                                                    "hot_standby",
                                                    "ident_file",
                                                    "listen_addresses",
                                                    "log_directory",
                                                    "logging_collector",
                                                    "port",
                                                    "primary_conninfo",
                                                    "primary_slot_name",
                                                    "recovery_target_timeline",
                                                    "restore_command",
                                                    "ssl",
                                                    "ssl_ca_file",
                                                    "ssl_cert_file",
                                                    "ssl_key_file",
                                                    "synchronous_standby_names",
                                                    "unix_socket_directories",
                                                    "wal_level",
                                                    "wal_log_hints"};
constexpr std::string_view kManagedCel =
    "!has(self.parameters) || !self.parameters.exists(p, p.lowerAscii() in ['archive_command', "
    "'archive_mode', "
    "'cluster_name', 'config_file', 'data_directory', 'hba_file', 'hot_standby', 'ident_file', "
    "'listen_addresses', 'log_directory', 'logging_collector', 'port', 'primary_conninfo', "
    "'primary_slot_name', 'recovery_target_timeline', 'restore_command', 'ssl', 'ssl_ca_file', "
    "'ssl_cert_file', "
    "'ssl_key_file', 'synchronous_standby_names', 'unix_socket_directories', 'wal_level', "
    "'wal_log_hints'])";

bool is_free_of_managed(const PostgresServer& server) {
    return std::ranges::none_of(server.parameters, [](const auto& parameter) {
        return std::ranges::contains(kManaged, lower_case(parameter.first));
    });
}

bool is_safe_parameters(const PostgresServer& server) {
    return std::ranges::all_of(server.parameters, [](const auto& parameter) {
        const std::string name = lower_case(parameter.first);
        return (name != "fsync" && name != "full_page_writes") || parameter.second == "on";
    });
}

}  // namespace

template <>
const Struct<PostgresFailover>& table<PostgresFailover>() {
    using F = PostgresFailover;
    static const Struct<F> kTable{
        "PostgresFailover",
        "When a standby takes over. Patroni decides that, also while the operator is away.",
        {field("preset", &F::preset)
             .default_to(FailoverPreset::Default)
             .doc("Patroni's ttl, loop_wait and retry_timeout: Safe 30, 10, 10 s for a slow API "
                  "server; Default 20, 5, 7 s; Fast 20, 2, 3 s.")
             .example("Default"),
         field("maxLag", &F::max_lag)
             .default_to(Quantity::from_units(std::int64_t{16} << 20))
             .between(kMebi, Quantity::from_units(std::int64_t{16} << 30))
             .doc("A standby that is further behind is not promoted without durability, and is "
                  "not served by -ro.")
             .example("16Mi")}};
    return kTable;
}

template <>
const Struct<PostgresSwitchover>& table<PostgresSwitchover>() {
    using S = PostgresSwitchover;
    static const Struct<S> kTable{
        "PostgresSwitchover",
        "A planned change of the primary, carried out once for each requestID.",
        {field("requestID", &S::request_id)
             .required()
             .size(1, kLabelMax)
             .form(kRequestId)
             .doc("Names the request: a new one asks for another switchover.")
             .example("2026-11-21-1"),
         field("target", &S::target)
             .size(1, kNameMax)
             .form(kObjectName)
             .doc("Pod to become primary. Without it Patroni takes the one that is furthest.")
             .example("chat-db-1"),
         field("at", &S::at)
             .doc("Not before this moment. Without it at once.")
             .example("\"2026-11-22T03:00:00Z\"")}};
    return kTable;
}

template <>
const Struct<PostgresStorage>& table<PostgresStorage>() {
    using S = PostgresStorage;
    static const Struct<S> kTable{
        "PostgresStorage",
        "The volume of each pod. Volumes stay when the topology is deleted.",
        {field("size", &S::size)
             .default_to(Quantity::from_units(std::int64_t{10} << 30))
             .between(Quantity::from_units(std::int64_t{256} << 20),
                      Quantity::from_units(std::int64_t{64} << 40))
             .doc("Size of the volume. It can grow, where the storage class allows that.")
             .example("10Gi"),
         field("className", &S::class_name)
             .size(1, kNameMax)
             .form(kObjectName)
             .doc("Storage class. Without it the cluster's default.")
             .example("fast")},
        {rule<S>(
             "quantity(string(self.size)).compareTo(quantity(string(oldSelf.size))) >= 0",
             [](const S&) { return true; }, "size",
             "must not shrink: volumes can only grow; make a new topology for smaller ones"),
         rule<S>(
             "has(self.className) == has(oldSelf.className) && (!has(self.className) || "
             "self.className == oldSelf.className)",
             [](const S&) { return true; }, "className", "must stay as it is")}};
    return kTable;
}

template <>
const Struct<PostgresServer>& table<PostgresServer>() {
    using S = PostgresServer;
    static const Struct<S> kTable{
        "PostgresServer",
        "Settings of PostgreSQL.",
        {field("parameters", &S::parameters)
             .size(0, kParametersMax)
             .each_size(0, kParameterMax)
             .doc("As in postgresql.conf. What needs a restart is restarted in order: standbys "
                  "first, the old primary last.")
             .example("{work_mem: 8MB}"),
         field("hba", &S::hba)
             .size(0, kHbaLinesMax)
             .each_size(1, kHbaLineMax)
             .doc("Lines of pg_hba.conf, behind those of replication and of the operator, before "
                  "the "
                  "one that lets every user in with a password.")
             .example("[host chat chat 10.0.0.0/8 scram-sha-256]")},
        {rule<S>(kManagedCel, &is_free_of_managed, "parameters",
                 "must not set what the operator manages, such as listen_addresses, wal_level or "
                 "synchronous_standby_names; every other parameter is allowed"),
         rule<S>("!has(self.parameters) || self.parameters.all(p, !(p.lowerAscii() in ['fsync', "
                 "'full_page_writes']) || self.parameters[p] == 'on')",
                 &is_safe_parameters, "parameters",
                 "must leave fsync and full_page_writes on: without them a crash destroys data")}};
    return kTable;
}

template <>
const Struct<PostgresPooler>& table<PostgresPooler>() {
    using P = PostgresPooler;
    static const Struct<P> kTable{
        "PostgresPooler",
        "PgBouncer in transaction mode, in front of the primary: Service NAME-pooler.",
        {field("instances", &P::instances)
             .default_to(2)
             .between(1, 16)
             .unit("pods")
             .doc("Pods that share the connections.")
             .example("2"),
         field("maxClientConnections", &P::max_client_connections)
             .default_to(1000)
             .between(10, 20'000)
             .doc("Connections of clients to one pod; further ones are refused.")
             .example("1000"),
         field("poolSize", &P::pool_size)
             .default_to(20)
             .between(1, 1000)
             .doc("Connections to PostgreSQL for each pod, user and database. Instances x "
                  "poolSize has to fit max_connections.")
             .example("20"),
         field("pauseDuringSwitchover", &P::pause_during_switchover)
             .default_to(true)
             .doc("Whether a planned switchover holds new transactions until the new primary is "
                  "there, so that none fails.")
             .example("true"),
         field("pauseTimeoutSeconds", &P::pause_timeout_seconds)
             .default_to(30)
             .between(5, 120)
             .unit("seconds")
             .doc("No pause lasts longer: a guard beside each PgBouncer ends it, also while the "
                  "operator is away.")
             .example("30"),
         field("image", &P::image)
             .size(0, kImageMax)
             .doc("Image with PgBouncer and HAProxy; without it the one of the operator.")
             .example("registry.example.com/chatflow/pgbouncer:1.0")}};
    return kTable;
}

template <>
const Struct<PostgresHealing>& table<PostgresHealing>() {
    using H = PostgresHealing;
    static const Struct<H> kTable{
        "PostgresHealing",
        "When a standby that does not come back by itself is cloned anew.",
        {field("reinitAfterSeconds", &H::reinit_after_seconds)
             .default_to(300)
             .between(60, 86'400)
             .unit("seconds")
             .doc("How long Patroni may try to restart and to rewind it.")
             .example("300"),
         field("maxPerHour", &H::max_per_hour)
             .default_to(2)
             .between(0, 60)
             .doc("At most so many clones an hour; 0 turns them off.")
             .example("2")}};
    return kTable;
}

template <>
const Struct<PostgresResources>& table<PostgresResources>() {
    using R = PostgresResources;
    static const Struct<R> kTable{"PostgresResources",
                                  "What each PostgreSQL pod requests.",
                                  {field("cpu", &R::cpu)
                                       .default_to(Quantity::from_milli(250))
                                       .between(Quantity::from_milli(10), Quantity::from_units(256))
                                       .doc("CPU that is reserved; there is no limit.")
                                       .example("250m"),
                                   field("memory", &R::memory)
                                       .default_to(Quantity::from_units(std::int64_t{512} << 20))
                                       .between(Quantity::from_units(std::int64_t{128} << 20),
                                                Quantity::from_milli(kGibi.milli() * 4096))
                                       .doc("Memory that is reserved, and its limit.")
                                       .example("512Mi")}};
    return kTable;
}

template <>
const Struct<PostgresTls>& table<PostgresTls>() {
    using T = PostgresTls;
    static const Struct<T> kTable{
        "PostgresTls",
        "Certificates for every connection to PostgreSQL: of clients, poolers, replication and "
        "the operator.",
        {field("enabled", &T::enabled)
             .default_to(false)
             .doc("Whether PostgreSQL and the pooler speak TLS. The operator makes an authority "
                  "(Secret TOPOLOGY-ca, key ca.crt for clients) and a certificate (Secret "
                  "TOPOLOGY-tls), and renews both. It cannot be changed.")
             .example("true"),
         field("existingSecret", &T::existing_secret)
             .size(0, kNameMax)
             .form(kObjectName)
             .doc("A Secret of yours with tls.crt, tls.key and ca.crt, as cert-manager writes it; "
                  "without it the operator makes the certificates. It has to be good for "
                  "TOPOLOGY-rw.NAMESPACE.svc. It cannot be changed.")
             .example("chat-db-certificate"),
         field("required", &T::required)
             .default_to(false)
             .doc("Whether clients have to come by TLS; without it they also may in the clear, at "
                  "the same port. Replication always has to.")
             .example("true")},
        {rule<T>(
            "self.enabled || (!self.required && (!has(self.existingSecret) || "
            "self.existingSecret == ''))",
            [](const T& t) { return t.enabled || (!t.required && t.existing_secret.empty()); },
            "enabled", "must be true for required and existingSecret to mean anything")}};
    return kTable;
}

}  // namespace chatflow::api::schema
