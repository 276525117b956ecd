#include "controller/domain/postgres/objects.hpp"

#include "controller/api/postgres_topology_codec.hpp"
#include "controller/domain/objects/common.hpp"
#include "controller/domain/postgres/backup_settings.hpp"
#include "controller/domain/postgres/names.hpp"
#include "controller/domain/postgres/patroni_settings.hpp"
#include "controller/domain/postgres/pods.hpp"
#include "controller/domain/postgres/pooler.hpp"

#include <map>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::postgres {

using api::Manifest;
using nlohmann::json;

namespace {

class Builder {
 public:
    Builder(const api::PostgresTopology& topology, const Existing& existing)
        : topology_(topology), existing_(existing), name_(topology.metadata.name) {}

    std::vector<Manifest> objects() const {
        std::vector<Manifest> all;
        add_services(all);
        add_identity(all);
        json files = backup_files(topology_);
        files["patroni-member.yml"] = static_settings(topology_, Pool::Member);
        files["patroni-read.yml"] = static_settings(topology_, Pool::Read);
        all.push_back(api::config_map(meta(patroni_object(name_)), std::move(files)));
        for (Manifest& manifest : backup_objects(topology_)) all.push_back(std::move(manifest));
        all.push_back(budget(name_, kMemberPool));
        all.push_back(budget(read_pool(name_), kReadPool));
        if (topology_.spec.network_policy) all.push_back(policy());
        all.push_back(
            api::stateful_set(meta(name_), pool_spec(topology_, Pool::Member, existing_)));
        all.push_back(
            api::stateful_set(meta(read_pool(name_)), pool_spec(topology_, Pool::Read, existing_)));
        for (Manifest& manifest : pooler_objects(topology_)) all.push_back(std::move(manifest));
        return all;
    }

 private:
    [[nodiscard]] api::ObjectMeta meta(std::string name) const {
        return objects::owned_meta<api::PostgresTopology>(
            topology_.metadata, std::move(name),
            objects::with_common(pod_labels(name_), name_, "postgresql"));
    }

    /// Labels of the pods that run PostgreSQL: poolers have no scope.
    [[nodiscard]] std::map<std::string, std::string> servers() const {
        auto labels = pod_labels(name_);
        labels[std::string(kScopeLabel)] = read_write_service(name_);
        return labels;
    }

    void add_services(std::vector<Manifest>& all) const {
        const json port = json::array({json{
            {"name", "postgres"}, {"port", 5432}, {"targetPort", 5432}, {"protocol", "TCP"}}});
        const std::string scope = read_write_service(name_);
        // Without selectors: Patroni writes their Endpoints.
        all.push_back(api::service(meta(scope), {{"type", "ClusterIP"}, {"ports", port}}));
        for (const char* part : {"-config", "-sync", "-failover"}) {
            all.push_back(api::service(meta(scope + part), {{"clusterIP", "None"}}));
        }
        json replicas = servers();
        replicas["role"] = "replica";
        all.push_back(api::service(
            meta(name_ + "-ro"),
            {{"type", "ClusterIP"}, {"selector", std::move(replicas)}, {"ports", port}}));
        all.push_back(api::service(
            meta(name_ + "-r"), {{"type", "ClusterIP"}, {"selector", servers()}, {"ports", port}}));
        all.push_back(api::service(meta(name_ + "-pods"), {{"clusterIP", "None"},
                                                           {"selector", servers()},
                                                           {"publishNotReadyAddresses", true},
                                                           {"ports", port}}));
    }

    void add_identity(std::vector<Manifest>& all) const {
        const auto identity = meta(patroni_object(name_));
        all.push_back(api::service_account(identity));
        const auto rule = [](const char* resource, std::initializer_list<const char*> verbs) {
            return json{{"apiGroups", json::array({""})},
                        {"resources", json::array({resource})},
                        {"verbs", verbs}};
        };
        all.push_back(api::role(
            identity, json::array({rule("pods", {"get", "list", "patch", "update", "watch"}),
                                   rule("endpoints",
                                        {"create", "get", "list", "patch", "update", "watch"})})));
        all.push_back(api::role_binding(identity));
    }

    [[nodiscard]] Manifest budget(const std::string& name, std::string_view pool) const {
        return api::pod_disruption_budget(
            meta(name),
            {{"maxUnavailable", 1}, {"selector", {{"matchLabels", pod_labels(name_, pool)}}}});
    }

    [[nodiscard]] Manifest policy() const {
        const auto port = [](int number) {
            return json::array({json{{"port", number}, {"protocol", "TCP"}}});
        };
        const json own{{"podSelector", {{"matchLabels", pod_labels(name_)}}}};
        const json operators{
            {"namespaceSelector", json::object()},
            {"podSelector", {{"matchLabels", {{"app.kubernetes.io/name", "chatflow-operator"}}}}}};
        json ingress = json::array();
        ingress.push_back(
            {{"ports", port(5432)},
             {"from", json::array({json{{"podSelector", json::object()}}, operators})}});
        ingress.push_back({{"ports", port(8008)}, {"from", json::array({own, operators})}});
        return api::network_policy(meta(name_), {{"podSelector", {{"matchLabels", servers()}}},
                                                 {"policyTypes", json::array({"Ingress"})},
                                                 {"ingress", std::move(ingress)}});
    }

    const api::PostgresTopology& topology_;
    const Existing& existing_;
    const std::string& name_;
};

}  // namespace

std::vector<Manifest> desired_objects(const api::PostgresTopology& topology,
                                      const Existing& existing) {
    return Builder(topology, existing).objects();
}

std::vector<Manifest> unwanted_objects(const api::PostgresTopology& topology) {
    std::vector<Manifest> all;
    const auto named = [&](const std::string& name) {
        return objects::owned_meta<api::PostgresTopology>(topology.metadata, name, {});
    };
    const std::string& name = topology.metadata.name;
    if (!topology.spec.network_policy) {
        all.push_back(api::network_policy(named(name), json::object()));
    }
    if (!topology.spec.network_policy || !topology.spec.pooler) {
        all.push_back(api::network_policy(named(pooler_object(name)), json::object()));
    }
    if (topology.spec.pooler) return all;
    const auto meta = named(pooler_object(name));
    all.push_back(api::deployment(meta, json::object()));
    all.push_back(api::service(meta, json::object()));
    all.push_back(api::pod_disruption_budget(meta, json::object()));
    all.push_back(api::config_map(meta, json::object()));
    return all;
}

Manifest credentials(const api::PostgresTopology& topology, const Passwords& passwords) {
    const std::string& name = topology.metadata.name;
    auto meta = objects::owned_meta<api::PostgresTopology>(
        topology.metadata, credentials_secret(name),
        objects::with_common(pod_labels(name), name, "postgresql"));
    // Data volumes outlive the topology, and so do the passwords that are in them.
    meta.owner_references.clear();
    return api::secret(meta, {{"superuser-password", passwords.superuser},
                              {"replication-password", passwords.replication},
                              {"rewind-password", passwords.rewind},
                              {"rest-password", passwords.rest_api}});
}

}  // namespace chatflow::postgres
