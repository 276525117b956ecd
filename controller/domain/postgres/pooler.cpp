#include "controller/domain/postgres/pooler.hpp"

#include "controller/api/postgres_topology_codec.hpp"
#include "controller/domain/objects/common.hpp"
#include "controller/domain/objects/placement.hpp"
#include "controller/domain/postgres/names.hpp"
#include "controller/domain/postgres/tls.hpp"

#include <cstddef>
#include <functional>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {

using api::Manifest;
using nlohmann::json;

namespace {

constexpr int kPoolerUserId = 999;  // as in the image
// PgBouncer ends when the transactions that it carries have ended.
constexpr int kTerminationSeconds = 60;
// What the Service's followers need to send nobody new here.
constexpr const char* kLeaveSeconds = "3";

json probe(int port) {
    return {{"tcpSocket", {{"port", port}}},
            {"periodSeconds", 5},
            {"timeoutSeconds", 3},
            {"successThreshold", 1},
            {"failureThreshold", 3}};
}

json small(const char* cpu, const char* memory) {
    return {{"requests", {{"cpu", cpu}, {"memory", memory}}}, {"limits", {{"memory", memory}}}};
}

class PoolerBuilder {
 public:
    explicit PoolerBuilder(const api::PostgresTopology& topology)
        : topology_(topology),
          pooler_(*topology.spec.pooler),
          name_(topology.metadata.name),
          selected_(pod_labels(name_, kPoolerPool)),
          ini_(pooler_settings(pooler_, topology.spec.tls)),
          proxy_(proxy_settings(proxy_servers(topology), true)) {}

    std::vector<Manifest> objects() const {
        const auto meta = this->meta();
        const json port = json::array({json{{"name", "postgres"},
                                            {"port", 5432},
                                            {"targetPort", kPoolerPort},
                                            {"protocol", "TCP"}}});
        std::vector<Manifest> all{
            api::service(meta, {{"type", "ClusterIP"}, {"selector", selected_}, {"ports", port}}),
            api::config_map(meta, {{"pgbouncer.ini", ini_}, {"haproxy.cfg", proxy_}}),
            api::pod_disruption_budget(
                meta, {{"maxUnavailable", 1}, {"selector", {{"matchLabels", selected_}}}})};
        if (topology_.spec.network_policy) all.push_back(policy());
        all.push_back(api::deployment(meta, deployment_spec()));
        return all;
    }

 private:
    [[nodiscard]] api::ObjectMeta meta() const {
        return objects::owned_meta<api::PostgresTopology>(
            topology_.metadata, pooler_object(name_),
            objects::with_common(selected_, name_, "pgbouncer"));
    }

    [[nodiscard]] Manifest policy() const {
        const json operators{
            {"namespaceSelector", json::object()},
            {"podSelector", {{"matchLabels", {{"app.kubernetes.io/name", "chatflow-operator"}}}}}};
        const auto port = [](int number) {
            return json::array({json{{"port", number}, {"protocol", "TCP"}}});
        };
        json ingress = json::array();
        ingress.push_back(
            {{"ports", port(kPoolerPort)},
             {"from", json::array({json{{"podSelector", json::object()}}, operators})}});
        ingress.push_back({{"ports", port(kProxyStatePort)}, {"from", json::array({operators})}});
        return api::network_policy(meta(), {{"podSelector", {{"matchLabels", selected_}}},
                                            {"policyTypes", json::array({"Ingress"})},
                                            {"ingress", std::move(ingress)}});
    }

    [[nodiscard]] json container(const char* name, json command, json resources) const {
        return {
            {"name", name},
            {"image", pooler_.image},
            {"command", std::move(command)},
            {"resources", std::move(resources)},
            {"securityContext", objects::container_security()},
            {"volumeMounts",
             json::array(
                 {json{{"name", "run"}, {"mountPath", "/run/pgbouncer"}},
                  json{{"name", "config"}, {"mountPath", "/etc/pgbouncer"}, {"readOnly", true}}})}};
    }

    /// A companion starts before PgBouncer and ends after it.
    [[nodiscard]] json companion(json made) const {
        made["restartPolicy"] = "Always";
        return made;
    }

    [[nodiscard]] json pod_template() const {
        json bouncer = container(
            "pgbouncer", json::array({"/usr/sbin/pgbouncer", "/etc/pgbouncer/pgbouncer.ini"}),
            small("50m", "64Mi"));
        bouncer["volumeMounts"].push_back(
            {{"name", "users"}, {"mountPath", "/etc/pgbouncer-users"}, {"readOnly", true}});
        for (json& mount : tls_mounts(topology_.spec.tls)) {
            bouncer["volumeMounts"].push_back(std::move(mount));
        }
        bouncer["ports"] =
            json::array({json{{"name", "postgres"}, {"containerPort", kPoolerPort}}});
        bouncer["readinessProbe"] = probe(kPoolerPort);
        bouncer["livenessProbe"] = probe(kPoolerPort);
        bouncer["lifecycle"] = {
            {"preStop", {{"exec", {{"command", json::array({"/usr/bin/sleep", kLeaveSeconds})}}}}}};
        json proxy = companion(
            container("proxy", json::array({"/usr/bin/pooler-proxy"}), small("25m", "48Mi")));
        proxy["ports"] = json::array({json{{"name", "state"}, {"containerPort", kProxyStatePort}}});
        proxy["livenessProbe"] = probe(kProxyStatePort);
        json guard = companion(
            container("guard", json::array({"/usr/bin/pooler-guard"}), small("5m", "24Mi")));
        guard["env"] = json::array({objects::env_value(
            "PAUSE_SECONDS_MAX", std::to_string(pooler_.pause_timeout_seconds))});
        // Neither program reads its settings again by itself.
        const std::size_t version = std::hash<std::string>{}(ini_ + proxy_);
        json pod{{"terminationGracePeriodSeconds", kTerminationSeconds},
                 {"automountServiceAccountToken", false},
                 {"securityContext", objects::pod_security(kPoolerUserId)},
                 {"initContainers", json::array({std::move(proxy), std::move(guard)})},
                 {"containers", json::array({std::move(bouncer)})},
                 {"volumes", volumes()}};
        pod.update(objects::placed(placement(), selected_));
        return {{"metadata",
                 {{"labels", objects::with_common(selected_, name_, "pgbouncer")},
                  {"annotations", {{"chatflow.dev/settings", fmt::format("{:016x}", version)}}}}},
                {"spec", std::move(pod)}};
    }

    /// A new pod starts beside those that it replaces: it must not need a place of its own.
    [[nodiscard]] api::Placement placement() const {
        api::Placement placement = topology_.spec.placement;
        for (api::Spread* spread : {&placement.nodes, &placement.zones}) {
            if (*spread == api::Spread::Required) *spread = api::Spread::Preferred;
        }
        return placement;
    }

    [[nodiscard]] json volumes() const {
        const auto item = [](const char* key) { return json{{"key", key}, {"path", key}}; };
        json all =
            json::array({json{{"name", "run"}, {"emptyDir", json::object()}},
                         json{{"name", "config"}, {"configMap", {{"name", pooler_object(name_)}}}},
                         json{{"name", "users"},
                              {"secret",
                               {{"secretName", pooler_object(name_)},
                                {"items", json::array({item("userlist.txt")})}}}}});
        for (json& volume : tls_volumes(topology_)) all.push_back(std::move(volume));
        return all;
    }

    [[nodiscard]] json deployment_spec() const {
        return {{"replicas", topology_.spec.hibernated ? 0 : pooler_.instances},
                {"selector", {{"matchLabels", selected_}}},
                {"strategy",
                 {{"type", "RollingUpdate"},
                  {"rollingUpdate", {{"maxUnavailable", 0}, {"maxSurge", 1}}}}},
                {"template", pod_template()}};
    }

    const api::PostgresTopology& topology_;
    const api::PostgresPooler& pooler_;
    const std::string& name_;
    std::map<std::string, std::string> selected_;
    std::string ini_;
    std::string proxy_;
};

}  // namespace

Manifest pooler_secret(const api::PostgresTopology& topology, const PoolerPasswords& passwords) {
    const std::string& name = topology.metadata.name;
    const auto meta = objects::owned_meta<api::PostgresTopology>(
        topology.metadata, pooler_object(name),
        objects::with_common(pod_labels(name, kPoolerPool), name, "pgbouncer"));
    return api::secret(
        meta, {{"lookup-password", passwords.lookup},
               {"console-password", passwords.console},
               {"userlist.txt", fmt::format("\"{}\" \"{}\"\n\"{}\" \"{}\"\n", kPoolerUser,
                                            passwords.lookup, kConsoleUser, passwords.console)}});
}

std::vector<Manifest> pooler_objects(const api::PostgresTopology& topology) {
    if (!topology.spec.pooler) return {};
    return PoolerBuilder(topology).objects();
}

}  // namespace chatflow::postgres
