#include "controller/domain/redis/objects.hpp"

#include "controller/domain/redis/agent_settings.hpp"
#include "controller/domain/redis/config.hpp"
#include "controller/domain/redis/names.hpp"
#include "controller/domain/redis/pod_templates.hpp"
#include "controller/domain/redis/route.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::redis_topology {
namespace {

using nlohmann::json;

class Builder {
 public:
    explicit Builder(const api::RedisTopology& topology)
        : topology_(topology), name_(topology.metadata.name) {}

    /// `labels` are added to the topology's.
    DesiredObject object(const std::string& api_version, const std::string& kind,
                         const std::string& plural, const std::string& name, json rest,
                         const json& labels = json::object()) const {
        const auto slash = api_version.find('/');
        json object = std::move(rest);
        object["apiVersion"] = api_version;
        object["kind"] = kind;
        object["metadata"]["name"] = name;
        object["metadata"]["labels"] = topology_labels(name_);
        object["metadata"]["labels"].update(labels);
        object["metadata"]["ownerReferences"] =
            json::array({{{"apiVersion", "chatflow.dev/v1alpha1"},
                          {"kind", "RedisTopology"},
                          {"name", name_},
                          {"uid", topology_.metadata.uid},
                          {"controller", true},
                          {"blockOwnerDeletion", true}}});
        return {.group = slash == std::string::npos ? "" : api_version.substr(0, slash),
                .version = slash == std::string::npos ? api_version : api_version.substr(slash + 1),
                .plural = plural,
                .name = name,
                .json = object.dump()};
    }

    DesiredObject service(const std::string& name, json spec,
                          const json& labels = json::object()) const {
        return object("v1", "Service", "services", name, {{"spec", std::move(spec)}}, labels);
    }

    /// An address of one pod that stays while pods come and go, ready or not: Redis and Sentinel
    /// know each other by it.
    DesiredObject pod_address(const std::string& pod, const std::string& part, int port) const {
        json all = part == "node" ? redis_ports() : ports(part, port);
        if (is_cluster()) all.push_back(ports("bus", kBusPort).front());
        return service(pod,
                       {{"selector", {{"statefulset.kubernetes.io/pod-name", pod}}},
                        {"publishNotReadyAddresses", true},
                        {"ports", std::move(all)}},
                       {{kPartLabel, part}});
    }

    [[nodiscard]] bool is_cluster() const { return topology_.spec.mode == api::RedisMode::Cluster; }

    std::vector<DesiredObject> route(const std::string& part) const {
        const std::string name = fmt::format("{}-{}", name_, part);
        // Without a selector: the agents beside the Sentinels write where it leads.
        DesiredObject slice = object(
            "discovery.k8s.io/v1", "EndpointSlice", "endpointslices", name,
            {{"addressType", "IPv4"}, {"endpoints", json::array()}, {"ports", slice_ports()}},
            {{"kubernetes.io/service-name", name},
             {"endpointslice.kubernetes.io/managed-by", "chatflow-redis"}});
        slice.create_only = true;
        return {service(name, {{"ports", redis_ports()}}), std::move(slice)};
    }

    /// Files that nodes, Sentinels and agents read.
    DesiredObject settings() const {
        json files = {{"redis.conf", conf_text(node_config(topology_.spec))}};
        if (!is_cluster()) files[kAgentSettingsFile] = to_text(agent_settings(topology_));
        return object("v1", "ConfigMap", "configmaps", name_ + "-redis",
                      {{"data", std::move(files)}});
    }

    DesiredObject budget(const std::string& name, const std::string& part) const {
        return object("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", name,
                      {{"spec",
                        {{"maxUnavailable", 1},
                         {"unhealthyPodEvictionPolicy", "AlwaysAllow"},
                         {"selector", {{"matchLabels", part_labels(name_, part)}}}}}});
    }

    /// `asleep`: nodes whose volumes wait.
    DesiredObject stateful_set(const std::string& name, const std::string& part, int replicas,
                               int asleep, json pod, const std::string& storage) const {
        json claim = {{"metadata", {{"name", "data"}}},
                      {"spec",
                       {{"accessModes", json::array({"ReadWriteOnce"})},
                        {"resources", {{"requests", {{"storage", storage}}}}}}}};
        if (const auto& name_of_class = topology_.spec.storage.class_name; !name_of_class.empty()) {
            claim["spec"]["storageClassName"] = name_of_class;
        }
        // A node that is scaled away goes with its volume; one that sleeps comes back to it.
        const char* when_scaled = topology_.spec.hibernated ? "Retain" : "Delete";
        json set = {{"spec",
                     {{"serviceName", name_ + "-nodes"},
                      {"replicas", replicas},
                      {"podManagementPolicy", "Parallel"},
                      // The operator orders restarts: replicas first, the master last.
                      {"updateStrategy", {{"type", "OnDelete"}}},
                      {"persistentVolumeClaimRetentionPolicy",
                       {{"whenDeleted", "Retain"}, {"whenScaled", when_scaled}}},
                      {"selector", {{"matchLabels", part_labels(name_, part)}}},
                      {"template", std::move(pod)},
                      {"volumeClaimTemplates", json::array({std::move(claim)})}}}};
        if (asleep > 0) set["metadata"]["annotations"][kAsleepAnnotation] = std::to_string(asleep);
        return object("apps/v1", "StatefulSet", "statefulsets", name, std::move(set));
    }

    std::vector<DesiredObject> agent_rights() const {
        const std::string name = name_ + "-redis";
        const auto rule = [](const char* group, const char* resource, json verbs) {
            return json{{"apiGroups", json::array({group})},
                        {"resources", json::array({resource})},
                        {"verbs", std::move(verbs)}};
        };
        json slices = rule("discovery.k8s.io", "endpointslices", json::array({"get", "update"}));
        slices["resourceNames"] = json::array({name_ + "-rw", name_ + "-ro"});
        return {
            object("v1", "ServiceAccount", "serviceaccounts", name, json::object()),
            object("rbac.authorization.k8s.io/v1", "Role", "roles", name,
                   {{"rules", json::array({rule("", "pods", json::array({"list"})),
                                           rule("", "services", json::array({"list"})), slices})}}),
            object("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", name,
                   {{"roleRef",
                     {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", name}}},
                    {"subjects", json::array({{{"kind", "ServiceAccount"},
                                               {"name", name},
                                               {"namespace", topology_.metadata.name_space}}})}})};
    }

    DesiredObject network_policy() const {
        const json same_namespace = {{"podSelector", json::object()}};
        json open = json::array(
            {{{"port", kRedisPort}}, {{"port", is_cluster() ? kBusPort : kSentinelPort}}});
        if (topology_.spec.tls.plain_port) open.push_back({{"port", kPlainPort}});
        return object(
            "networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", network_policy_of(name_),
            {{"spec",
              // What its pods carry, whatever their part.
              {{"podSelector", {{"matchLabels", {{kTopologyLabel, name_}}}}},
               {"policyTypes", json::array({"Ingress"})},
               {"ingress",
                json::array(
                    {{{"from", json::array({same_namespace,
                                            {{"namespaceSelector", json::object()},
                                             {"podSelector",
                                              {{"matchLabels",
                                                {{"app.kubernetes.io/part-of", "chatflow"}}}}}}})},
                      {"ports", std::move(open)}}})}}}});
    }

    /// Where clients come in.
    [[nodiscard]] json redis_ports() const {
        json all = ports("redis", kRedisPort);
        if (topology_.spec.tls.plain_port) all.push_back(ports("plain", kPlainPort).front());
        return all;
    }

    [[nodiscard]] json slice_ports() const {
        json all = redis_ports();
        for (json& port : all) port.erase("targetPort");
        return all;
    }

    static json ports(const std::string& name, int port) {
        return json::array({{{"name", name == "node" ? "redis" : name},
                             {"port", port},
                             {"targetPort", port},
                             {"protocol", "TCP"}}});
    }

 private:
    const api::RedisTopology& topology_;
    const std::string& name_;
};

std::vector<DesiredObject> sentinel_objects(const api::RedisTopology& topology,
                                            const Builder& build, const Ingredients& with,
                                            const std::string& image) {
    const std::string& name = topology.metadata.name;
    std::vector<DesiredObject> objects;
    objects.push_back(
        build.service(name + "-sentinel", {{"selector", part_labels(name, "sentinel")},
                                           {"ports", Builder::ports("sentinel", kSentinelPort)}}));
    for (int i = 0; i < topology.spec.sentinel.instances; ++i) {
        objects.push_back(
            build.pod_address(fmt::format("{}-sentinel-{}", name, i), "sentinel", kSentinelPort));
    }
    for (const char* part : {"rw", "ro"}) {
        for (DesiredObject& object : build.route(part)) objects.push_back(std::move(object));
    }
    objects.push_back(build.budget(name + "-sentinel", "sentinel"));
    if (!with.sentinels_may_start) return objects;
    objects.push_back(build.stateful_set(name + "-sentinel", "sentinel", with.counts.sentinels, 0,
                                         sentinel_template(topology, image, with.certificates),
                                         "64Mi"));
    return objects;
}

}  // namespace

int wanted_nodes(const api::RedisTopologySpec& spec) {
    return spec.mode == api::RedisMode::Cluster ? spec.shards * (spec.replicas_per_shard + 1)
                                                : spec.replicas + 1;
}

std::string network_policy_of(const std::string& topology) { return topology + "-redis"; }
std::string auth_secret_of(const std::string& topology) { return topology + "-auth"; }
std::string users_file_of(const std::string& topology) { return topology + "-users"; }
std::string user_secret_of(const std::string& topology, const std::string& user) {
    return fmt::format("{}-user-{}", topology, user);
}

DesiredObject user_secret(const api::RedisTopology& topology, const std::string& user,
                          const std::string& password) {
    DesiredObject secret = Builder(topology).object(
        "v1", "Secret", "secrets", user_secret_of(topology.metadata.name, user),
        {{"type", "Opaque"}, {"stringData", {{"username", user}, {"password", password}}}});
    secret.create_only = true;
    return secret;
}

DesiredObject users_file(const api::RedisTopology& topology,
                         const std::vector<std::string>& hashes) {
    std::string lines;
    for (std::size_t i = 0; i < topology.spec.users.size() && i < hashes.size(); ++i) {
        const api::RedisUser& user = topology.spec.users[i];
        lines += fmt::format("user {} on #{} {}\n", user.name, hashes[i], user.rules);
    }
    return Builder(topology).object("v1", "ConfigMap", "configmaps",
                                    users_file_of(topology.metadata.name),
                                    {{"data", {{"users.conf", lines}}}});
}

DesiredObject owned_object(const api::RedisTopology& topology, const std::string& api_version,
                           const std::string& kind, const std::string& plural,
                           const std::string& name, const std::string& rest) {
    return Builder(topology).object(api_version, kind, plural, name, json::parse(rest));
}

DesiredObject encoded_secret(const api::RedisTopology& topology, const std::string& name,
                             const std::map<std::string, std::string>& data,
                             const std::map<std::string, std::string>& annotations) {
    json rest = {{"type", "Opaque"}, {"data", data}};
    if (!annotations.empty()) rest["metadata"]["annotations"] = annotations;
    return Builder(topology).object("v1", "Secret", "secrets", name, std::move(rest));
}

std::vector<DesiredObject> desired_objects(const api::RedisTopology& topology,
                                           const Ingredients& with) {
    const std::string& name = topology.metadata.name;
    const Builder build(topology);
    const api::RedisTopologySpec& spec = topology.spec;
    const std::string image = spec.image.empty() ? with.image : spec.image;

    std::vector<DesiredObject> objects = build.agent_rights();
    DesiredObject secret =
        build.object("v1", "Secret", "secrets", auth_secret_of(name),
                     {{"type", "Opaque"}, {"stringData", {{"password", with.password}}}});
    secret.create_only = true;
    objects.push_back(std::move(secret));
    objects.push_back(build.settings());
    objects.push_back(build.service(name + "-nodes", {{"clusterIP", "None"},
                                                      {"publishNotReadyAddresses", true},
                                                      {"selector", part_labels(name, "node")},
                                                      {"ports", build.redis_ports()}}));
    const int addresses = std::max({with.counts.nodes, with.counts.asleep, wanted_nodes(spec)});
    for (int i = 0; i < addresses; ++i) {
        objects.push_back(build.pod_address(fmt::format("{}-{}", name, i), "node", kRedisPort));
    }
    if (spec.network_policy) objects.push_back(build.network_policy());
    objects.push_back(build.budget(name, "node"));
    if (build.is_cluster()) {
        // Where a client of the cluster asks first; the nodes then tell it the addresses of all.
        objects.push_back(build.service(name + "-cluster", {{"selector", part_labels(name, "node")},
                                                            {"ports", build.redis_ports()}}));
    } else {
        for (DesiredObject& object : sentinel_objects(topology, build, with, image)) {
            objects.push_back(std::move(object));
        }
    }
    if (!with.nodes_may_start) return objects;
    objects.push_back(build.stateful_set(name, "node", with.counts.nodes, with.counts.asleep,
                                         node_template(topology, image),
                                         to_string(spec.storage.size)));
    return objects;
}

}  // namespace chatflow::redis_topology
