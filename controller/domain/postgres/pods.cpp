#include "controller/domain/postgres/pods.hpp"

#include "controller/domain/objects/common.hpp"
#include "controller/domain/objects/placement.hpp"
#include "controller/domain/postgres/backup_settings.hpp"
#include "controller/domain/postgres/names.hpp"
#include "controller/domain/postgres/tls.hpp"

#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {

using nlohmann::json;

namespace {

constexpr int kPostgresUser = 999;  // as in the image
// Patroni hands the lock over and PostgreSQL writes a checkpoint.
constexpr int kTerminationSeconds = 60;
// A Patroni that answers nothing hears no SIGTERM either; its PostgreSQL would go on meanwhile, and
// hold clients back in their COMMIT after another member has been promoted.
constexpr int kFrozenSeconds = 3;

json environment(const api::PostgresTopology& topology) {
    const std::string secret = credentials_secret(topology.metadata.name);
    using objects::env_field;
    using objects::env_secret;
    using objects::env_value;
    json all = json::array(
        {env_field("PATRONI_NAME", "metadata.name"),
         env_field("PATRONI_KUBERNETES_POD_IP", "status.podIP"),
         env_value("PATRONI_POSTGRESQL_CONNECT_ADDRESS", "$(PATRONI_KUBERNETES_POD_IP):5432"),
         env_value("PATRONI_RESTAPI_CONNECT_ADDRESS", "$(PATRONI_KUBERNETES_POD_IP):8008"),
         env_value("PATRONI_RESTAPI_USERNAME", "chatflow"),
         env_secret("PATRONI_RESTAPI_PASSWORD", secret, "rest-password"),
         env_secret("PATRONI_SUPERUSER_PASSWORD", secret, "superuser-password"),
         env_secret("PATRONI_REPLICATION_PASSWORD", secret, "replication-password"),
         env_secret("PATRONI_REWIND_PASSWORD", secret, "rewind-password")});
    for (json& variable : backup_environment(topology)) all.push_back(std::move(variable));
    return all;
}

json probe(const std::string& path, int period, int failures) {
    return {{"httpGet", {{"path", path}, {"port", 8008}, {"scheme", "HTTP"}}},
            {"periodSeconds", period},
            {"timeoutSeconds", 3},
            {"successThreshold", 1},
            {"failureThreshold", failures}};
}

json container(const api::PostgresTopology& topology) {
    const api::PostgresTopologySpec& spec = topology.spec;
    const std::string memory = to_string(spec.resources.memory);
    // A Patroni whose loop stands still must not keep a primary: below ttl.
    json liveness = probe("/liveness", 5, 3);
    liveness["terminationGracePeriodSeconds"] = kFrozenSeconds;
    json mounts =
        json::array({json{{"name", "data"}, {"mountPath", "/var/lib/postgresql/data"}},
                     json{{"name", "run"}, {"mountPath", "/run/postgresql"}},
                     json{{"name", "tmp"}, {"mountPath", "/tmp"}},
                     json{{"name", "config"}, {"mountPath", "/etc/patroni"}, {"readOnly", true}}});
    for (json& mount : backup_mounts(spec)) mounts.push_back(std::move(mount));
    for (json& mount : tls_mounts(spec.tls)) mounts.push_back(std::move(mount));
    return {{"name", "postgres"},
            {"image", spec.image},
            {"env", environment(topology)},
            {"ports", json::array({json{{"name", "postgres"}, {"containerPort", 5432}},
                                   json{{"name", "patroni"}, {"containerPort", 8008}}})},
            {"resources",
             {{"requests", {{"cpu", to_string(spec.resources.cpu)}, {"memory", memory}}},
              {"limits", {{"memory", memory}}}}},
            // The primary, and standbys within the lag that -ro may serve.
            {"readinessProbe",
             probe(fmt::format("/read-only?lag={}", spec.failover.max_lag.milli() / 1000), 2, 2)},
            {"livenessProbe", std::move(liveness)},
            {"startupProbe", probe("/liveness", 2, 60)},
            {"securityContext", objects::container_security()},
            {"volumeMounts", std::move(mounts)}};
}

json volumes(const api::PostgresTopology& topology, Pool pool) {
    const std::string file = pool == Pool::Read ? "patroni-read.yml" : "patroni-member.yml";
    json items = json::array({json{{"key", file}, {"path", "patroni.yml"}}});
    for (const auto& [name, text] : backup_files(topology)) {
        items.push_back(json{{"key", name}, {"path", name}});
    }
    json all = json::array(
        {json{{"name", "run"}, {"emptyDir", json::object()}},
         json{{"name", "tmp"}, {"emptyDir", json::object()}},
         json{{"name", "config"},
              {"configMap",
               {{"name", patroni_object(topology.metadata.name)}, {"items", std::move(items)}}}}});
    for (json& volume : backup_volumes(topology)) all.push_back(std::move(volume));
    for (json& volume : tls_volumes(topology)) all.push_back(std::move(volume));
    return all;
}

json volume_template(const api::PostgresTopologySpec& spec,
                     const std::optional<api::Quantity>& existing) {
    json claim{{"accessModes", json::array({"ReadWriteOnce"})},
               {"resources",
                {{"requests", {{"storage", to_string(existing.value_or(spec.storage.size))}}}}}};
    if (spec.storage.class_name) claim["storageClassName"] = *spec.storage.class_name;
    return {{"apiVersion", "v1"},
            {"kind", "PersistentVolumeClaim"},
            {"metadata", {{"name", "data"}}},
            {"spec", std::move(claim)}};
}

}  // namespace

json pool_spec(const api::PostgresTopology& topology, Pool pool, const Existing& existing) {
    const std::string& name = topology.metadata.name;
    const api::PostgresTopologySpec& spec = topology.spec;
    const auto selected = pod_labels(name, pool == Pool::Read ? kReadPool : kMemberPool);
    auto labels = objects::with_common(selected, name, "postgresql");
    labels[std::string(kScopeLabel)] = read_write_service(name);
    const int readers = existing.read_replicas.value_or(spec.read_replicas);
    const int members = existing.members.value_or(spec.members);
    const int replicas = pool == Pool::Read ? readers : members;
    // Hibernation scales down, too, and keeps every volume.
    const bool is_disposable = pool == Pool::Read && !spec.hibernated;
    const auto& volume = pool == Pool::Read ? existing.read_volume : existing.member_volume;
    json pod{{"serviceAccountName", patroni_object(name)},
             {"terminationGracePeriodSeconds", kTerminationSeconds},
             {"securityContext", objects::pod_security(kPostgresUser)},
             {"containers", json::array({container(topology)})},
             {"volumes", volumes(topology, pool)}};
    pod.update(objects::placed(spec.placement, selected));
    return {{"replicas", spec.hibernated ? 0 : replicas},
            {"serviceName", name + "-pods"},
            {"podManagementPolicy", "Parallel"},
            {"updateStrategy", {{"type", "OnDelete"}}},
            {"persistentVolumeClaimRetentionPolicy",
             {{"whenDeleted", "Retain"}, {"whenScaled", is_disposable ? "Delete" : "Retain"}}},
            {"selector", {{"matchLabels", selected}}},
            {"template", {{"metadata", {{"labels", labels}}}, {"spec", std::move(pod)}}},
            {"volumeClaimTemplates", json::array({volume_template(spec, volume)})}};
}

}  // namespace chatflow::postgres
