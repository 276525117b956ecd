#include "controller/api/core/manifest.hpp"

#include "controller/api/tables.hpp"

#include <utility>

namespace chatflow::api {

using nlohmann::json;

namespace {

Manifest manifest(std::string group, std::string plural, const char* kind, const ObjectMeta& meta,
                  json content = json::object()) {
    const std::string version = "v1";
    json object = std::move(content);
    object["apiVersion"] = group.empty() ? version : group + "/" + version;
    object["kind"] = kind;
    object["metadata"] = schema::table<ObjectMeta>().write(meta);
    return {std::move(group), version, std::move(plural), std::move(object)};
}

}  // namespace

std::string Manifest::name() const { return object.at("metadata").at("name"); }
std::string Manifest::path() const { return plural + "/" + name(); }

Manifest service(const ObjectMeta& meta, json spec) {
    return manifest("", "services", "Service", meta, {{"spec", std::move(spec)}});
}
Manifest stateful_set(const ObjectMeta& meta, json spec) {
    return manifest("apps", "statefulsets", "StatefulSet", meta, {{"spec", std::move(spec)}});
}
Manifest deployment(const ObjectMeta& meta, json spec) {
    return manifest("apps", "deployments", "Deployment", meta, {{"spec", std::move(spec)}});
}
Manifest persistent_volume_claim(const ObjectMeta& meta, json spec) {
    return manifest("", "persistentvolumeclaims", "PersistentVolumeClaim", meta,
                    {{"spec", std::move(spec)}});
}
Manifest config_map(const ObjectMeta& meta, json data) {
    return manifest("", "configmaps", "ConfigMap", meta, {{"data", std::move(data)}});
}
Manifest secret(const ObjectMeta& meta, json string_data) {
    return manifest("", "secrets", "Secret", meta, {{"stringData", std::move(string_data)}});
}
Manifest service_account(const ObjectMeta& meta) {
    return manifest("", "serviceaccounts", "ServiceAccount", meta);
}
Manifest role(const ObjectMeta& meta, json rules) {
    return manifest("rbac.authorization.k8s.io", "roles", "Role", meta,
                    {{"rules", std::move(rules)}});
}
Manifest role_binding(const ObjectMeta& meta) {
    json content{
        {"roleRef",
         {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", meta.name}}}};
    content["subjects"] = json::array(
        {json{{"kind", "ServiceAccount"}, {"name", meta.name}, {"namespace", meta.name_space}}});
    return manifest("rbac.authorization.k8s.io", "rolebindings", "RoleBinding", meta,
                    std::move(content));
}
Manifest pod_disruption_budget(const ObjectMeta& meta, json spec) {
    return manifest("policy", "poddisruptionbudgets", "PodDisruptionBudget", meta,
                    {{"spec", std::move(spec)}});
}
Manifest network_policy(const ObjectMeta& meta, json spec) {
    return manifest("networking.k8s.io", "networkpolicies", "NetworkPolicy", meta,
                    {{"spec", std::move(spec)}});
}

}  // namespace chatflow::api
