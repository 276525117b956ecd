#include "controller/domain/objects/common.hpp"

#include <nlohmann/json.hpp>

namespace chatflow::objects {

using nlohmann::json;

Labels with_common(Labels labels, const std::string& instance, const std::string& name) {
    labels["app.kubernetes.io/name"] = name;
    labels["app.kubernetes.io/instance"] = instance;
    labels["app.kubernetes.io/managed-by"] = "chatflow-operator";
    return labels;
}

json pod_security(int user) {
    return {{"runAsNonRoot", true},
            {"runAsUser", user},
            {"runAsGroup", user},
            {"fsGroup", user},
            // Else each start would open the data folder to the group, which PostgreSQL refuses.
            {"fsGroupChangePolicy", "OnRootMismatch"},
            {"seccompProfile", {{"type", "RuntimeDefault"}}}};
}

json container_security() {
    return {{"allowPrivilegeEscalation", false},
            {"readOnlyRootFilesystem", true},
            {"capabilities", {{"drop", json::array({"ALL"})}}}};
}

json env_value(const std::string& name, const std::string& value) {
    return {{"name", name}, {"value", value}};
}

json env_field(const std::string& name, const std::string& path) {
    return {{"name", name}, {"valueFrom", {{"fieldRef", {{"fieldPath", path}}}}}};
}

json env_secret(const std::string& name, const std::string& secret, const std::string& key) {
    return {{"name", name}, {"valueFrom", {{"secretKeyRef", {{"name", secret}, {"key", key}}}}}};
}

}  // namespace chatflow::objects
